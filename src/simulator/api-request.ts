import type { Image } from '../matrix/homeserver.ts';
import {
  parseRoomAlias,
  parseRoomId,
  parseUserId,
  type RoomAlias,
  type RoomId,
  type UserId,
} from '../matrix/ids.ts';
import { Refusal } from './refusal.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** `path` with its query, still encoded; `body` is parsed JSON, or undefined if there was none. */
export type ApiRequest = {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: unknown;
  /** What was sent in place of JSON. */
  readonly image?: Image | undefined;
};

/** With an `image`, that is the whole of the answer. */
export type ApiAnswer = { readonly status: number; readonly body: JsonObject; readonly image?: Image };

/** What a handler is given: who acts, and the request in parts. */
export type Call = {
  readonly actor: UserId;
  readonly hasDevice: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  readonly image?: Image | undefined;
};

/** Keys are a method and a path whose variables stand in braces: `GET /_matrix/client/v3/rooms/{roomId}`. */
export type Handlers = Readonly<Record<string, (call: Call) => ApiAnswer>>;

export function ok(body: JsonObject = {}): ApiAnswer {
  return { status: 200, body };
}

/** The readers below refuse with 400 what is missing or of the wrong type. */
function bad(name: string): Refusal {
  return new Refusal(400, 'M_INVALID_PARAM', `'${name}' is missing or not what it has to be`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw bad(name);
  return value;
}

export function text(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw bad(name);
  return value;
}

export function optionalText(object: JsonObject, name: string): string | undefined {
  return object[name] === undefined ? undefined : text(object, name);
}

export function optionalFlag(object: JsonObject, name: string): boolean | undefined {
  const value = object[name];
  if (value !== undefined && typeof value !== 'boolean') throw bad(name);
  return value;
}

export function objects(object: JsonObject, name: string): readonly JsonObject[] | undefined {
  const value = object[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(isObject)) throw bad(name);
  return value;
}

export function userIdIn(value: unknown, name: string): UserId {
  const id = typeof value === 'string' ? parseUserId(value) : undefined;
  if (id === undefined) throw bad(name);
  return id;
}

/** Any id that begins like one: what the server does not know is refused later, with another code. */
export function roomIdIn(value: string, name: string): RoomId {
  const id = parseRoomId(value);
  if (id === undefined) throw bad(name);
  return id;
}

export function aliasIn(value: string, name: string): RoomAlias {
  const alias = parseRoomAlias(value);
  if (alias === undefined) throw bad(name);
  return alias;
}
