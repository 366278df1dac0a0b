import { SignJWT } from 'jose';
import type { Sent } from '../events/feed.ts';
import type { SecurityEvent } from '../events/security-event.ts';
import type { Post } from './post.ts';

type Deps = { readonly url: string; readonly secret: string; readonly post: Post };

/** Answers that are about this one event (RFC 8935 §2.3 and §2.4). */
const ABOUT_ONE: ReadonlySet<number> = new Set([400, 413, 422]);

/** Pushes Security Event Tokens by HTTP (RFC 8935), signed with HMAC-SHA256 (RFC 7515, `HS256`). */
export function createEventPush({ url, secret, post }: Deps): (event: SecurityEvent) => Promise<Sent> {
  const key = new TextEncoder().encode(secret);
  return async (event) => {
    const body = await new SignJWT(event).setProtectedHeader({ alg: 'HS256', typ: 'secevent+jwt' }).sign(key);
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
    const posted = await post({ url, body, headers });
    if ('fault' in posted) return { kind: 'failed', reason: `no answer (${posted.fault})` };
    const { status, retryAfterMs } = posted;
    if (status >= 200 && status < 300) return { kind: 'taken' };
    const reason = `it answers ${status}`;
    return ABOUT_ONE.has(status) ? { kind: 'refused', reason } : { kind: 'failed', reason, retryAfterMs };
  };
}
