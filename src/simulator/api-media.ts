import { type Handlers, ok, param } from './api-request.ts';
import type { World } from './world.ts';

/** What is sent there is bytes, and not JSON. */
export const UPLOADS = '/_matrix/media/v3/upload';

/** As much of the Matrix content repository as the adapter and the tests need. */
export function mediaHandlers({ media }: World): Handlers {
  return {
    [`POST ${UPLOADS}`]: ({ image = { bytes: new Uint8Array(), contentType: 'application/octet-stream' } }) =>
      ok({ content_uri: media.store(image) }),

    'GET /_matrix/client/v1/media/download/{serverName}/{mediaId}'(call) {
      return { ...ok(), image: media.get(param(call, 'serverName'), param(call, 'mediaId')) };
    },
  };
}
