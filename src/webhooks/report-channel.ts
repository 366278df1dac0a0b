import type { Channel } from '../reports/channel.ts';
import type { Post } from './post.ts';
import { signatureHeaders } from './sign.ts';

type Deps = {
  readonly url: string;
  readonly secret: string;
  readonly post: Post;
  /** Milliseconds since 1970: when it is sent. Receivers refuse what is old. */
  readonly now: () => number;
};

/** A program that takes reports as JSON: `title`, `text`, `html`, `kind` and `at`. */
export function createWebhookChannel({ url, secret, post, now }: Deps): Channel {
  return {
    name: 'webhook',
    isOpen: () => true,
    async send({ id, at, title, text, html, kind }) {
      const body = JSON.stringify({ title, text, html, kind, at: new Date(at).toISOString() });
      const headers = {
        'content-type': 'application/json',
        ...signatureHeaders(secret, { id, at: now(), body }),
      };
      const posted = await post({ url, body, headers });
      if ('fault' in posted) return failed(`no answer (${posted.fault})`);
      if (posted.status >= 200 && posted.status < 300) return { kind: 'sent' };
      return failed(`it answers ${posted.status}`, posted.retryAfterMs);
    },
  };
}

function failed(reason: string, retryAfterMs?: number) {
  const trouble = `Reports can not be sent to REPORT_WEBHOOK_URL: ${reason}. They are kept, and told when it takes them.`;
  return { kind: 'failed', isCertain: false, retryAfterMs, trouble } as const;
}
