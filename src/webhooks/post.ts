import { once } from 'node:events';
import got, { RequestError } from 'got';

export type Posting = {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** What came of it: the status, or why there was none, without the URL, which may hold a secret. */
export type Posted =
  | { readonly status: number; readonly retryAfterMs: number | undefined }
  | { readonly fault: string };

export type Post = (posting: Posting) => Promise<Posted>;

const LONGEST_WAIT_MS = 3_600_000;

/**
 * Posts once: never retries, and follows no redirect. The body of an answer is not read. Never rejects, but once `signal`
 * is aborted all that is under way is a fault.
 */
export function createPost({
  timeoutMs = 10_000,
  signal,
}: {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
} = {}): Post {
  const http = got.extend({
    headers: { 'user-agent': 'matrix-usher' },
    timeout: { request: timeoutMs },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
  });
  return async ({ url, body, headers }) => {
    const stream = http.stream.post(url, { body, headers, ...(signal && { signal }) });
    stream.on('error', () => {}); // also told to who waits for it; nobody does once it is destroyed
    try {
      const [{ statusCode, headers: answered }] = await once(stream, 'response');
      return { status: statusCode, retryAfterMs: waitOf(answered['retry-after']) };
    } catch (error) {
      return { fault: error instanceof RequestError ? error.code : 'unknown reason' };
    } finally {
      stream.destroy();
    }
  };
}

/** In seconds; a date is not read: the caller's own back-off does. */
function waitOf(header: unknown): number | undefined {
  if (typeof header !== 'string' || !/^\d+$/.test(header)) return undefined;
  return Math.min(Number(header) * 1000, LONGEST_WAIT_MS);
}
