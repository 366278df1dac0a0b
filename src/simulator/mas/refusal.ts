import type { JsonObject } from '../api-request.ts';

/** An answer of MAS: JSON, or text (a page, or what is wrong with a body), or nothing. */
export type MasAnswer = { readonly status: number; readonly body?: JsonObject; readonly text?: string };

/** What the simulated MAS answers in place of success. */
export class MasRefusal extends Error {
  override readonly name = 'MasRefusal';
  readonly answer: MasAnswer;

  constructor(answer: MasAnswer, message: string) {
    super(message);
    this.answer = answer;
  }
}

/** By the admin API: an error and what caused it. */
export function refused(status: number, ...titles: readonly [string, ...string[]]): MasRefusal {
  return new MasRefusal({ status, body: { errors: titles.map((title) => ({ title })) } }, titles[0]);
}

/** By the framework under it, before a handler is asked. */
export function unreadable(status: number, text: string): MasRefusal {
  return new MasRefusal({ status, text }, text);
}

/** By the token endpoint (RFC 6749 §5.2). */
export function oauthError(status: number, error: string, description: string): MasRefusal {
  return new MasRefusal({ status, body: { error, error_description: description } }, description);
}
