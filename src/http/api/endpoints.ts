import type { OpenDesk } from '../../desk/desk.ts';
import type { Store } from '../../store/store.ts';
import { conflictEndpoints } from './conflicts.ts';
import type { Endpoint } from './endpoint.ts';
import { groupEndpoints } from './groups.ts';
import { heldEndpoints } from './held.ts';
import { journalEndpoints } from './journal.ts';
import { type MapDeps, mapEndpoints } from './map.ts';
import { personEndpoints } from './people.ts';
import { roomEndpoints } from './rooms.ts';
import { statusEndpoints } from './status.ts';
import { tokenEndpoints } from './tokens.ts';

type Deps = MapDeps & { readonly store: Store; readonly desk: OpenDesk; readonly now: () => number };

/** All of the API, in the order of its description. */
export function apiEndpoints(deps: Deps): readonly Endpoint[] {
  const { desk } = deps;
  return [
    ...statusEndpoints(desk),
    ...personEndpoints(desk),
    ...conflictEndpoints(desk),
    ...groupEndpoints(desk),
    ...roomEndpoints(desk),
    ...heldEndpoints(desk),
    ...journalEndpoints(desk),
    ...mapEndpoints(deps),
    ...tokenEndpoints(deps),
  ];
}
