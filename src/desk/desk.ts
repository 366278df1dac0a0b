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

/** What the running service gives those who look and decide over HTTP. */
export type OpenDesk = {
  /** As of now; nothing but the store can be written to. */
  readonly open: () => Desk;
  /** What is wrong with the group map that is there, while the last good one stays in force. */
  readonly mapProblem: () => string | undefined;
  /** Called after a decision, to have it acted on. Must not throw. */
  readonly decided: () => void;
  /** Aborted when Usher stops: what would go on for ever ends. */
  readonly closing: AbortSignal;
};

/** Rooms as the map calls them: by an alias, if it has one for them. */
export async function roomNames({
  store,
}: {
  readonly store: Pick<Store, 'rooms'>;
}): Promise<ReadonlyMap<string, string>> {
  const targets = [...(await store.rooms.resolutions())];
  const named = targets.filter(([target]) => target.startsWith('#'));
  return new Map([...targets, ...named].map(([target, roomId]) => [roomId, target]));
}
