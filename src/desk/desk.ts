import type { Config } from '../config/config.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { GroupMap } from '../plan/group-map.ts';
import type { Store } from '../store/store.ts';

/** What whoever looks has before him: all that is known, and a homeserver to be asked. */
export type Desk = {
  readonly config: Config;
  readonly map: GroupMap;
  readonly store: Store;
  readonly homeserver: Homeserver;
  /** Milliseconds since 1970, once for the whole look. */
  readonly now: number;
};

/** Rooms as the map calls them. */
export async function roomNames({ store }: Pick<Desk, 'store'>): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await store.rooms.resolutions())].map(([target, roomId]) => [roomId, target]));
}
