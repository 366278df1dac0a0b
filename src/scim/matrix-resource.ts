import type { Group } from '../directory/group.ts';
import type { ResourceId } from '../directory/resource.ts';
import type { JsonObject } from './json.ts';

/** The Matrix side of a user, as our extension shows it. Times are milliseconds since 1970. */
export type MatrixUser = {
  readonly userId: string | undefined;
  readonly accountState: 'none' | 'pending' | 'active' | 'locked' | 'suspended' | 'deactivated';
  readonly rooms: readonly { readonly roomId: string; readonly membership: string; readonly since: number }[];
  readonly lastError: string | undefined;
};

/** The rooms that a group opens; `roomId` undefined: never found. */
export type MatrixGroup = {
  readonly rooms: readonly {
    readonly target: string;
    readonly roomId: string | undefined;
    readonly mode: string;
  }[];
  readonly lastError: string | undefined;
};

/** What is known of the homeserver, without asking it. */
export interface MatrixSide {
  users(users: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, MatrixUser>>;
  groups(groups: readonly Group[]): Promise<ReadonlyMap<ResourceId, MatrixGroup>>;
}

export function presentMatrixUser({ userId, accountState, rooms, lastError }: MatrixUser): JsonObject {
  return {
    ...(userId && { userId }),
    accountState,
    rooms: rooms.map(({ roomId, membership, since }) => ({
      value: roomId,
      membership,
      since: new Date(since).toISOString(),
    })),
    ...(lastError && { lastError }),
  };
}

export function presentMatrixGroup({ rooms, lastError }: MatrixGroup): JsonObject {
  return {
    rooms: rooms.map(({ target, roomId, mode }) => ({ value: target, ...(roomId && { roomId }), mode })),
    ...(lastError && { lastError }),
  };
}

/** What a client listed, and our extension, which every resource has. */
export function schemasWith(urn: string, schemas: unknown): readonly unknown[] {
  const listed: readonly unknown[] = Array.isArray(schemas) ? schemas : [];
  return listed.includes(urn) ? listed : [...listed, urn];
}
