import { groupNamesOf } from '../directory/group.ts';
import type { Restriction } from '../matrix/homeserver.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { createTargetsOf } from '../plan/openings.ts';
import type { MatrixGroup, MatrixSide, MatrixUser } from '../scim/matrix-resource.ts';
import type { AccountReport, Store } from '../store/store.ts';

type Deps = {
  readonly store: Store;
  readonly map: () => GroupMap;
  /** What the last pass could not do, by room. */
  readonly problems: () => readonly { readonly target: string; readonly message: string }[];
};

const STATES: Record<Restriction, MatrixUser['accountState']> = {
  lock: 'locked',
  suspend: 'suspended',
  deactivate: 'deactivated',
  erase: 'deactivated',
};

/** What our extension of SCIM shows: what is written down, never what the homeserver would have to be asked. */
export function createMatrixSide({ store, map, problems }: Deps): MatrixSide {
  let last: { readonly map: GroupMap; readonly targetsOf: ReturnType<typeof createTargetsOf> } | undefined;
  const targetsOf = (): ReturnType<typeof createTargetsOf> => {
    if (last?.map !== map()) last = { map: map(), targetsOf: createTargetsOf(map()) };
    return last.targetsOf;
  };
  return {
    async users(users) {
      const reports = await store.people.reports(users);
      return new Map([...reports].map(([user, report]) => [user, toMatrixUser(report)]));
    },
    async groups(groups) {
      const resolved = await store.rooms.resolutions();
      const targets = targetsOf();
      return new Map(
        groups.map(({ id, attributes }): [typeof id, MatrixGroup] => {
          const rooms = targets({ id, ...groupNamesOf(attributes) }).map(({ room, mode }) => ({
            ...{ target: room, roomId: resolved.get(room), mode },
          }));
          const names = new Set<string | undefined>(rooms.flatMap(({ target, roomId }) => [target, roomId]));
          const found = problems().filter(({ target }) => names.has(target));
          return [id, { rooms, lastError: found.map(({ message }) => message).join('\n') || undefined }];
        }),
      );
    },
  };
}

function toMatrixUser({ account, isConfirmed, restriction, rooms, lastError }: AccountReport): MatrixUser {
  const accountState = stateOf(account !== undefined, isConfirmed, restriction);
  return {
    userId: account,
    accountState,
    rooms: rooms.map(({ roomId, state, since }) => ({ roomId, membership: state, since })),
    lastError,
  };
}

function stateOf(
  hasAccount: boolean,
  isConfirmed: boolean,
  restriction: Restriction | undefined,
): MatrixUser['accountState'] {
  if (!hasAccount) return 'none';
  if (!isConfirmed) return 'pending';
  return restriction === undefined ? 'active' : STATES[restriction];
}
