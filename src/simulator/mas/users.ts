/** A user. Times are in milliseconds since 1970. */
export type MasUser = {
  readonly id: string;
  /** The localpart. */
  readonly username: string;
  readonly createdAt: number;
  lockedAt: number | undefined;
  deactivatedAt: number | undefined;
  /** May ask for admin scopes when she signs in. */
  canRequestAdmin: boolean;
};

export type Users = {
  /** In the order of their making, which is that of their ids. */
  all(): readonly MasUser[];
  get(id: string): MasUser | undefined;
  /** In any case. */
  byUsername(username: string): MasUser | undefined;
  add(username: string): MasUser;
  lock(user: MasUser): void;
  unlock(user: MasUser): void;
  deactivate(user: MasUser): void;
  reactivate(user: MasUser): void;
};

export function createUsers({ now, newId }: { now: () => number; newId: () => string }): Users {
  const users = new Map<string, MasUser>();
  const ids = new Map<string, string>();

  return {
    all: () => [...users.values()],
    get: (id) => users.get(id),
    byUsername: (username) => users.get(ids.get(username.toLowerCase()) ?? ''),

    add(username) {
      const fresh = { lockedAt: undefined, deactivatedAt: undefined, canRequestAdmin: false };
      const user: MasUser = { id: newId(), username, createdAt: now(), ...fresh };
      users.set(user.id, user);
      ids.set(username.toLowerCase(), user.id);
      return user;
    },

    lock(user) {
      user.lockedAt ??= now();
    },
    unlock(user) {
      user.lockedAt = undefined;
    },
    deactivate(user) {
      user.deactivatedAt ??= now();
    },
    reactivate(user) {
      user.deactivatedAt = undefined;
    },
  };
}

/** Neither locked nor deactivated. */
export function isValid(user: MasUser): boolean {
  return user.lockedAt === undefined && user.deactivatedAt === undefined;
}

/** What the admin API takes as a new username; Synapse has more rules. */
export function isUsername(text: string): boolean {
  return /^[a-z0-9=\-./+][a-z0-9=_\-./+]{0,254}$/.test(text);
}
