import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/**
 * Headers that tell who sent a body, and when, by Standard Webhooks (standardwebhooks.com): `v1` is the HMAC-SHA256 of id,
 * time and body. A secret that begins with `whsec_` is base64, as the libraries of receivers have it.
 */
export function signatureHeaders(
  secret: string,
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const key = secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), 'base64')
    : Buffer.from(secret);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
