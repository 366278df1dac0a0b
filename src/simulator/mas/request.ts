import { isObject, type JsonObject } from '../api-request.ts';
import type { Owner } from './personal-sessions.ts';
import { type MasAnswer, refused, unreadable } from './refusal.ts';
import { parseUlid } from './ulid.ts';

/** `path` with its query, still encoded; headers as they were sent. */
export type MasRequest = {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
};

/** What a handler of the admin API is given. */
export type MasCall = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Whose token it is, and so who owns what is made with it. */
  readonly caller: Owner;
  readonly sent: Pick<MasRequest, 'contentType' | 'body'>;
};

/** Keys are a method and a path after `/api/admin/v1`, with its variables in braces. */
export type MasHandlers = Readonly<Record<string, (call: MasCall) => MasAnswer>>;

/** The id in the path, in upper case. */
export function idIn({ params }: MasCall): string {
  const id = parseUlid(params.id ?? '');
  if (id === undefined) throw refused(400, 'Invalid ULID in path', `Cannot parse \`${params.id}\` to a ULID`);
  return id;
}

/** The body, which has to be a JSON object; `undefined` is one that was not sent. */
export function bodyOf({ sent }: MasCall): JsonObject {
  if (!/^application\/(?:[^;]+\+)?json\b/.test(sent.contentType ?? '')) {
    throw unreadable(415, 'Expected request with `Content-Type: application/json`');
  }
  const body = parsed(sent.body);
  if (!isObject(body)) throw mistyped('expected a struct');
  return body;
}

/** The same where a body may be left out, with its content type. */
export function optionalBodyOf(call: MasCall): JsonObject {
  return call.sent.contentType === undefined ? {} : bodyOf(call);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(400, 'Failed to parse the request body as JSON');
  }
}

export function text(body: JsonObject, name: string): string {
  const value = optionalText(body, name);
  if (value === undefined) throw mistyped(`missing field \`${name}\``);
  return value;
}

/** `null` is nothing, too. */
export function optionalText(body: JsonObject, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw mistyped(`${name}: invalid type`);
  return value;
}

export function flag(body: JsonObject, name: string): boolean | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== 'boolean') throw mistyped(`${name}: invalid type`);
  return value;
}

export function ulid(body: JsonObject, name: string): string {
  const id = parseUlid(text(body, name));
  if (id === undefined) throw mistyped(`${name}: invalid ULID`);
  return id;
}

/** A whole number of seconds, as milliseconds. */
export function optionalSeconds(body: JsonObject, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  const isU32 = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
  if (!isU32) throw mistyped(`${name}: invalid value`);
  return value * 1000;
}

export function mistyped(why: string): ReturnType<typeof unreadable> {
  return unreadable(422, `Failed to deserialize the JSON body into the target type: ${why}`);
}
