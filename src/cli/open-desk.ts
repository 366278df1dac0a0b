import type { Config } from '../config/config.ts';
import type { GroupMapSource } from '../config/group-map-source.ts';
import type { OpenDesk } from '../desk/desk.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { Loop } from '../reconcile/loop.ts';
import type { Store } from '../store/store.ts';
import { readOnly } from '../synapse/read-only.ts';

type Deps = {
  readonly config: Config;
  readonly store: Store;
  readonly homeserver: Homeserver;
  readonly groupMap: GroupMapSource;
  readonly loop: Loop;
};

/** What the service gives those who look and decide over HTTP. `close` ends what they follow. */
export function createOpenDesk({ config, store, homeserver, groupMap, loop }: Deps): OpenDesk & {
  readonly close: () => void;
} {
  const closing = new AbortController();
  const looked = readOnly(homeserver);
  return {
    open: () => ({ config, store, map: groupMap.status().map, homeserver: looked, now: Date.now() }),
    mapProblem: () => groupMap.status().problem,
    decided() {
      loop.requestReview();
      loop.wake();
    },
    closing: closing.signal,
    close: () => closing.abort(),
  };
}
