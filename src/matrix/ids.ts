/** Matrix identifiers (Matrix spec, appendix "Identifier grammar"). Brands keep them from being mixed up. */
export type UserId = string & { readonly __brand: 'UserId' };
export type RoomId = string & { readonly __brand: 'RoomId' };
export type RoomAlias = string & { readonly __brand: 'RoomAlias' };

const MAX_BYTES = 255;
const fits = (id: string): boolean => Buffer.byteLength(id) <= MAX_BYTES;

/** `@localpart:server`; undefined if it is not one. */
export function parseUserId(text: string): UserId | undefined {
  return /^@[^:\s]+:\S+$/.test(text) && fits(text) ? (text as UserId) : undefined;
}

/** `!opaque:server`, or `!opaque` without a server from room version 12 on; undefined if it is neither. */
export function parseRoomId(text: string): RoomId | undefined {
  return /^![^:\s]+(:\S+)?$/.test(text) && fits(text) ? (text as RoomId) : undefined;
}

/** `#localpart:server`; undefined if it is not one. */
export function parseRoomAlias(text: string): RoomAlias | undefined {
  return /^#[^:\s]+:\S+$/.test(text) && fits(text) ? (text as RoomAlias) : undefined;
}

export function userId(localpart: string, serverName: string): UserId {
  return `@${localpart}:${serverName}` as UserId;
}

export function localpartOf(id: UserId | RoomAlias): string {
  return id.slice(1, id.indexOf(':'));
}

export function serverNameOf(id: UserId | RoomAlias): string {
  return id.slice(id.indexOf(':') + 1);
}

/** What to look for in the names and aliases of rooms, from what somebody typed: of an alias, what is between its # and its colon. */
export function roomSearchTerm(typed: string): string {
  return typed.startsWith('!') ? typed : typed.replace(/^#/, '').replace(/:.*/s, '');
}
