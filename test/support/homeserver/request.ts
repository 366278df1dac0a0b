import { isObject } from '../../../src/simulator/api-request.ts';
import type { SynapseApi } from '../../../src/simulator/synapse-api.ts';
import type { HomeserverUnderTest, RawRequest } from './harness.ts';

/** Requests by HTTP. An answer that is not a JSON object has an empty body here. */
export function requestsTo(url: string, botToken: string): RawRequest {
  return async (method, path, body, token = botToken) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, body: isObject(answer) ? answer : {} };
  };
}

/** Requests to an API in this process. */
export function requestsWithin(api: SynapseApi, botToken: string): RawRequest {
  return (method, path, body, token = botToken) =>
    api({ method, path, body, token: token === '' ? undefined : token });
}

export function downloadsFrom(url: string, token: string): HomeserverUnderTest['download'] {
  return async (mxc) => {
    const response = await fetch(url + mediaPath(mxc), { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`no download of ${mxc}: ${response.status}`);
    const contentType = response.headers.get('content-type') ?? '';
    return { bytes: new Uint8Array(await response.arrayBuffer()), contentType };
  };
}

export function downloadsWithin(api: SynapseApi, token: string): HomeserverUnderTest['download'] {
  return async (mxc) => {
    const answer = await api({ method: 'GET', path: mediaPath(mxc), token, body: undefined });
    if (answer.image === undefined) throw new Error(`no download of ${mxc}: ${answer.status}`);
    return answer.image;
  };
}

function mediaPath(mxc: string): string {
  const [, serverName, mediaId] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(mxc) ?? [];
  if (serverName === undefined || mediaId === undefined) throw new Error(`not an mxc:// URI: ${mxc}`);
  return `/_matrix/client/v1/media/download/${serverName}/${mediaId}`;
}
