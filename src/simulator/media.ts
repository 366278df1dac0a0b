import { createHash } from 'node:crypto';
import type { Image } from '../matrix/homeserver.ts';
import { notFound } from './refusal.ts';

/** What was uploaded, by the last part of its `mxc://` URI. */
export type MediaRepository = {
  /** Each upload has a URI of its own. */
  store(image: Image): string;
  get(serverName: string, mediaId: string): Image;
};

export function createMediaRepository(serverName: string): MediaRepository {
  const images = new Map<string, Image>();
  return {
    store(image) {
      const mediaId = createHash('sha256').update(`${images.size}`).digest('base64url').slice(0, 24);
      images.set(mediaId, image);
      return `mxc://${serverName}/${mediaId}`;
    },

    get(server, mediaId) {
      const image = server === serverName ? images.get(mediaId) : undefined;
      if (image === undefined) throw notFound('Not found');
      return image;
    },
  };
}
