import { createHmac } from 'node:crypto';
import { receiver } from './receiver.ts';

export const EVENTS_SECRET = 'a-secret-of-the-tests-that-is-long-enough';

export type Told = Readonly<Record<string, unknown>> & {
  readonly jti: string;
  readonly seq: number;
  readonly sub_id: { readonly format: string; readonly uri: string; readonly externalId?: string };
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** A receiver of Security Event Tokens, which checks what a library would, by itself. */
export async function eventReceiver() {
  const to = await receiver();
  return { ...to, told: () => to.taken.map(({ body }) => claimsIn(body)) };
}

/** Throws if it is not signed with the secret. */
export function claimsIn(token: string): Told {
  const [head = '', claims = '', signature] = token.split('.');
  const mac = createHmac('sha256', EVENTS_SECRET).update(`${head}.${claims}`).digest('base64url');
  if (signature !== mac) throw new Error('not signed with the secret');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  if (header.alg !== 'HS256' || header.typ !== 'secevent+jwt') throw new Error('not the header of an event');
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}
