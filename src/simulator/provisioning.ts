import type { Threepid } from '../matrix/homeserver.ts';
import { type UserId, userId as userIdOf } from '../matrix/ids.ts';
import type { AccountRegistry } from './accounts.ts';
import type { Devices } from './delegation.ts';
import { notFound, Refusal } from './refusal.ts';

/** Of the fields that are undefined nothing changes. `emails` are all that she has from now on. */
export type Provision = {
  readonly displayName?: string | undefined;
  readonly avatarUrl?: string | undefined;
  readonly emails?: readonly string[] | undefined;
  readonly locked?: boolean | undefined;
};

/** What only the authentication service may have Synapse do (`/_synapse/mas/*`). Each call is refused with 503 in an outage. */
export type Provisioning = {
  isLocalpartAvailable(localpart: string): boolean;
  /** Makes the account if there is none. */
  provision(localpart: string, wanted: Provision): void;
  deleteUser(localpart: string, erase: boolean): void;
  reactivateUser(localpart: string): void;
  addDevice(localpart: string, device: string): void;
  syncDevices(localpart: string, devices: ReadonlySet<string>): void;
};

type Deps = {
  readonly serverName: string;
  readonly accounts: AccountRegistry;
  readonly devices: Devices;
  deactivate(userId: UserId): void;
  erase(userId: UserId): void;
  /** Refuses during an outage. */
  mustBeUp(): void;
};

export function createProvisioning({ serverName, accounts, devices, ...deps }: Deps): Provisioning {
  function called(localpart: string): UserId {
    deps.mustBeUp();
    return userIdOf(localpart, serverName);
  }

  function existing(localpart: string): UserId {
    const userId = called(localpart);
    if (accounts.get(userId) === undefined) throw notFound('User not found');
    return userId;
  }

  function setEmails(userId: UserId, emails: readonly string[]): void {
    const others = (accounts.get(userId)?.threepids ?? []).filter(({ medium }) => medium !== 'email');
    const wanted = emails.map((address): Threepid => ({ medium: 'email', address }));
    accounts.put(userId, { threepids: [...others, ...wanted] });
  }

  return {
    isLocalpartAvailable(localpart) {
      const userId = called(localpart);
      try {
        accounts.mustBeFree(userId);
        return true;
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },

    provision(localpart, { displayName, avatarUrl, emails, locked }) {
      const userId = called(localpart);
      accounts.put(userId, { displayName });
      if (emails !== undefined) setEmails(userId, emails);
      accounts.put(userId, { locked, avatarUrl });
    },

    deleteUser(localpart, erase) {
      const userId = existing(localpart);
      if (erase) deps.erase(userId);
      else deps.deactivate(userId);
    },

    reactivateUser(localpart) {
      accounts.put(existing(localpart), { deactivated: false });
    },

    addDevice: (localpart, device) => devices.add(existing(localpart), device),
    syncDevices: (localpart, wanted) => devices.set(existing(localpart), wanted),
  };
}
