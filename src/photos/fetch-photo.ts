import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import got, { type Request } from 'got';
import type { Image } from '../matrix/homeserver.ts';
import type { FetchPhoto, PhotoAnswer } from '../plan/photo.ts';
import type { IsAllowed } from './allowed-host.ts';
import { IMAGE_TYPES, imageTypeOf, isImageType } from './image-type.ts';
import { HOST_REFUSED, lookupOf } from './lookup.ts';

type Options = {
  /** Asked of each host before it is connected to, by its name and by the addresses that the name leads to. */
  readonly isAllowed: IsAllowed;
  /** For the whole of it, redirects included. */
  readonly timeoutMs?: number;
};

export const MAX_PHOTO_BYTES = 5 * 1024 ** 2;
const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Refusals that may pass: a time-out, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Why there is no photo; `isPassing` if there may be one later. */
class NoPhoto extends Error {
  readonly isPassing: boolean;

  constructor(reason: string, isPassing: boolean) {
    super(reason);
    this.isPassing = isPassing;
  }
}

/** Fetches `http:` and `https:` photos, and decodes `data:` ones. Sends neither credentials nor cookies. */
export function createPhotoFetcher({ isAllowed, timeoutMs = 10_000 }: Options): FetchPhoto {
  const http = got.extend({
    headers: { accept: IMAGE_TYPES.join(', '), 'user-agent': 'matrix-usher' },
    dnsLookup: lookupOf(isAllowed),
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  });

  const download = async (from: URL, signal: AbortSignal): Promise<Image> => {
    let url = from;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const stream = http.stream(permitted(url, isAllowed), { signal });
      stream.on('error', () => {}); // also told to who waits for it; nobody does once it is destroyed
      try {
        const [{ statusCode, headers }] = await once(stream, 'response');
        if (!REDIRECTS.has(statusCode)) return await imageIn(stream, url, statusCode, headers);
        url = targetOf(url, headers.location);
      } finally {
        stream.destroy();
      }
    }
    throw new NoPhoto(`${from.host} redirects more than ${MAX_REDIRECTS} times`, false);
  };

  return async (uri) => {
    const url = URL.parse(uri);
    try {
      if (url === null) throw new NoPhoto('its address is not a URL', false);
      const image =
        url.protocol === 'data:' ? decoded(uri) : await download(url, AbortSignal.timeout(timeoutMs));
      return { kind: 'image', image };
    } catch (error) {
      return answerFor(error, url?.host ?? '');
    }
  };
}

/** Without what may stand before the `@`. Throws if nothing may be asked there. */
function permitted(url: URL, isAllowed: IsAllowed): URL {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new NoPhoto(`${url.protocol} is not an address to fetch a photo from`, false);
  }
  if (!isAllowed(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw new NoPhoto(refusalOf(url.host), false);
  }
  const bare = new URL(url.href);
  bare.username = '';
  bare.password = '';
  return bare;
}

function targetOf(from: URL, location: string | undefined): URL {
  const target = location === undefined ? null : URL.parse(location, from.href);
  if (target === null) throw new NoPhoto(`${from.host} redirects to nowhere`, false);
  return target;
}

async function imageIn(
  stream: Request,
  { host }: URL,
  status: number,
  headers: IncomingHttpHeaders,
): Promise<Image> {
  if (status !== 200) throw new NoPhoto(`${host} answers ${status}`, status >= 500 || PASSING.has(status));
  if (!isImageType(headers['content-type'] ?? '')) {
    throw new NoPhoto(`what ${host} answers is not a PNG, JPEG, GIF or WebP`, false);
  }
  if (Number(headers['content-length'] ?? 0) > MAX_PHOTO_BYTES) throw new NoPhoto(TOO_LARGE, false);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_PHOTO_BYTES) throw new NoPhoto(TOO_LARGE, false);
    chunks.push(chunk);
  }
  return checked(Buffer.concat(chunks));
}

/** `data:image/png;base64,…` */
function decoded(uri: string): Image {
  const [, encoded] = /^data:image\/[\w.+-]+(?:;[^;,]+)*;base64,(.*)$/is.exec(uri) ?? [];
  if (encoded === undefined) throw new NoPhoto('its address is not an image in base64', false);
  const plain = encoded.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number(`0x${hex}`)),
  );
  return checked(Buffer.from(plain, 'base64'));
}

function checked(bytes: Uint8Array): Image {
  if (bytes.length > MAX_PHOTO_BYTES) throw new NoPhoto(TOO_LARGE, false);
  const contentType = imageTypeOf(bytes);
  if (contentType === undefined) throw new NoPhoto('it is not a PNG, JPEG, GIF or WebP', false);
  return { bytes, contentType };
}

const TOO_LARGE = `it is larger than ${MAX_PHOTO_BYTES / 1024 ** 2} MiB`;

/** The texts of other errors hold addresses: only their codes are told. */
function answerFor(error: unknown, host: string): PhotoAnswer {
  if (error instanceof NoPhoto)
    return { kind: error.isPassing ? 'failed' : 'unusable', reason: error.message };
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  if (code === HOST_REFUSED) return { kind: 'unusable', reason: refusalOf(host) };
  return { kind: 'failed', reason: `${host} does not answer (${code})` };
}

function refusalOf(host: string): string {
  return `${host} is this machine or link-local, and nothing is fetched there`;
}
