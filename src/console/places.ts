/**
 * Where the console is, as browsers see it: `/console`, or with what a proxy puts before it (PUBLIC_URL). This program is in the
 * folder `assets` below it.
 */
export const CONSOLE = new URL(/* @vite-ignore */ '..', import.meta.url).pathname.replace(/\/$/, '');

/** The API of the same service. */
export const API = new URL(/* @vite-ignore */ '../../api/v1', import.meta.url).pathname;

/** The address of a page: `to('/people', id)`. Ids are encoded. */
export function to(page: string, ...ids: readonly string[]): string {
  return [`${CONSOLE}${page}`, ...ids.map(encodeURIComponent)].join('/');
}

/** Why somebody is in a room, or is not. */
export function toExplanation(scimId: string, room: string): string {
  return `${to('/people', scimId)}/rooms/${encodeURIComponent(room)}`;
}
