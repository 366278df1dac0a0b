import { setTimeout as delay } from 'node:timers/promises';
import { HomeserverError } from '../matrix/error.ts';
import type {
  Account,
  AccountSide,
  ExternalId,
  NewAccount,
  ServerAdmin,
  Threepid,
} from '../matrix/homeserver.ts';
import { localpartOf, serverNameOf, type UserId, userId as userIdOf } from '../matrix/ids.ts';
import { onlyInSynapse, unknownToSynapse } from './halves.ts';
import type { Mas } from './mas.ts';
import { isAtLeast, SINCE } from './release.ts';
import type { MasUser } from './users.ts';

type Deps = {
  readonly mas: Mas;
  /** What Synapse knows of the same accounts: profiles and suspensions. */
  readonly synapse: AccountSide;
  /** It may administer by its token, whatever MAS says of the user. */
  readonly bot: UserId;
  /** What the port calls the upstream provider whose people these are. */
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** How often, and how long, to wait for what MAS usually does in 0.1 seconds. */
const MOMENTS = 10;
const MOMENT_MS = 100;
/** After that MAS has given up (10 attempts in 85 minutes). */
const LONGEST_DEACTIVATION_MS = 2 * 3_600_000;

/**
 * Accounts where the Matrix Authentication Service signs people in. It has the names, links, e-mails and locks; Synapse has
 * the profiles. Synapse's own creation of accounts is never used: MAS would not know them.
 */
export function createMasAccounts({ mas, synapse, bot, provider, now }: Deps): AccountSide {
  const serverName = serverNameOf(bot);
  const { users, links, emails } = mas;

  /** Also somebody whose name differs in case alone: MAS takes both for one, Synapse does not. */
  const findInAnyCase = async (id: UserId): Promise<MasUser | undefined> => {
    if (serverNameOf(id) !== serverName) throw notLocal(id);
    return users.byName(localpartOf(id));
  };

  const find = async (id: UserId): Promise<MasUser | undefined> => {
    const found = await findInAnyCase(id);
    return found?.username === localpartOf(id) ? found : undefined;
  };

  const mustFind = async (id: UserId): Promise<MasUser> => {
    const user = await find(id);
    if (user === undefined) throw new HomeserverError('not-found', `MAS knows no user ${localpartOf(id)}`);
    return user;
  };

  const ownerOf = async (user: string | undefined): Promise<UserId | undefined> => {
    const owner = user === undefined ? undefined : await users.byId(user);
    return owner && userIdOf(owner.username, serverName);
  };

  const ulidOf = async (name: string): Promise<string> => (name === provider ? mas.providerId() : name);

  const externalIdsOf = async (user: MasUser): Promise<readonly ExternalId[]> => {
    const ours = await mas.providerId();
    const found = await links.ofUser(user.id);
    return found.map(({ providerId, subject }) => ({
      ...{ provider: providerId === ours ? provider : providerId, id: subject },
    }));
  };

  const threepidsOf = async (user: MasUser): Promise<readonly Threepid[]> =>
    (await emails.ofUser(user.id)).map(({ address }) => ({
      medium: 'email',
      address: address.toLowerCase(),
    }));

  const linksOf = (externalIds: readonly ExternalId[]) =>
    Promise.all(
      externalIds.map(async ({ provider: name, id }) => ({ providerId: await ulidOf(name), subject: id })),
    );

  const mustBeNobodys = async ({ provider: name, id }: ExternalId): Promise<void> => {
    const link = await links.bySubject(await ulidOf(name), id);
    if (link?.userId === undefined) return;
    throw new HomeserverError('refused', 'her identity at the provider is linked to another account');
  };

  /** Once there is the account, only what finds it again may be refused: else it would be taken for not made. */
  const furnish = async (user: MasUser, account: NewAccount, isNamed: boolean): Promise<void> => {
    const { displayName, externalId, email } = account;
    await isMade(async () => {
      if (externalId !== undefined)
        await links.add(user.id, await ulidOf(externalId.provider), externalId.id);
      if (displayName === undefined || isNamed) return;
      await synapse.updateAccount(userIdOf(user.username, serverName), { displayName });
    });
    if (email === undefined) return;
    if (externalId === undefined) await isMade(() => emails.add(user.id, email));
    else await emails.add(user.id, email);
  };

  /**
   * MAS tells Synapse of a deactivation some moments later, again and again if need be, and undoes what came in between.
   */
  const mustBeOver = async (id: UserId, { deactivatedAt = 0 }: MasUser): Promise<void> => {
    const isKnown = async (): Promise<boolean> => (await synapse.account(id))?.deactivated !== false;
    for (let looks = 0; looks < MOMENTS; looks += 1) {
      if (await isKnown()) return;
      await delay(MOMENT_MS);
    }
    if ((await isKnown()) || now() > deactivatedAt + LONGEST_DEACTIVATION_MS) return;
    throw new HomeserverError('failed', `MAS has not told Synapse yet that ${id} was deactivated`);
  };

  return {
    async account(id) {
      const [ofSynapse, user] = await Promise.all([synapse.account(id), find(id)]);
      if (user === undefined) return ofSynapse && onlyInSynapse(ofSynapse);
      const [externalIds, threepids] = await Promise.all([externalIdsOf(user), threepidsOf(user)]);
      const { locked, deactivated } = user;
      const admin = user.admin || id === bot;
      const isBare = externalIds.length + threepids.length === 0;
      const isUntouched = isBare && !deactivated && !(await users.hasSignedIn(user.id));
      return {
        ...(ofSynapse ?? unknownToSynapse(id)),
        ...{ externalIds, threepids, locked, deactivated, admin },
        ...(isUntouched && { isUntouched }),
      };
    },

    async accountByExternalId({ provider: name, id }) {
      return ownerOf((await links.bySubject(await ulidOf(name), id))?.userId);
    },

    async accountByEmail(address) {
      return ownerOf((await emails.byAddress(address.trim().toLowerCase()))?.userId);
    },

    async *accounts() {
      const byName = new Map<string, MasUser>();
      for await (const user of users.all()) byName.set(user.username, user);
      for await (const each of synapse.accounts()) {
        const user = byName.get(localpartOf(each.userId));
        byName.delete(localpartOf(each.userId));
        yield user === undefined ? { ...each, isStranded: true } : { ...each, ...restrictionsOf(user) };
      }
      for (const user of byName.values()) {
        yield {
          userId: userIdOf(user.username, serverName),
          displayName: undefined,
          ...restrictionsOf(user),
        };
      }
    },

    async createAccount(id, account) {
      if (serverNameOf(id) !== serverName) throw notLocal(id);
      if (account.externalId !== undefined) await mustBeNobodys(account.externalId);
      const isNamed = isAtLeast(await mas.release(), SINCE.displayName);
      const { displayName, adopts = false } = account;
      const user = await users.add({
        ...{ username: localpartOf(id), displayName: isNamed ? displayName : undefined, adopts },
      });
      await furnish(user, account, isNamed);
    },

    async updateAccount(id, { displayName, externalIds, threepids, avatarUrl }) {
      const user = await mustFind(id);
      if (externalIds !== undefined) await links.replace(user.id, await linksOf(externalIds));
      if (displayName !== undefined || avatarUrl !== undefined) {
        await synapse.updateAccount(id, {
          ...(displayName !== undefined && { displayName }),
          ...(avatarUrl !== undefined && { avatarUrl }),
        });
      }
      if (threepids !== undefined) await emails.replace(user.id, addressesIn(threepids));
    },

    async restrict(id, restriction) {
      if (restriction === 'suspend') return synapse.restrict(id, restriction);
      const user = await mustFind(id);
      if (restriction === 'lock') return users.setLocked(user.id, true);
      return users.deactivate(user.id, { isErased: restriction === 'erase' });
    },

    async unrestrict(id, restriction) {
      if (restriction === 'suspend') return synapse.unrestrict(id, restriction);
      const user = await mustFind(id);
      if (restriction === 'lock') return users.setLocked(user.id, false);
      if (!user.deactivated) return;
      await mustBeOver(id, user);
      return users.reactivate(user.id);
    },

    async admins() {
      const admins: ServerAdmin[] = [{ userId: bot, deactivated: false, locked: false }];
      for await (const user of users.admins()) {
        if (user.username === localpartOf(bot)) continue;
        admins.push({ userId: userIdOf(user.username, serverName), ...restrictionsOf(user) });
      }
      return admins;
    },

    async setAdmin(id, isAdmin) {
      if (id === bot && !isAdmin) throw new HomeserverError('refused', 'the bot does not demote itself');
      const user = await mustFind(id);
      const ends = !isAdmin && isAtLeast(await mas.release(), SINCE.personalSessions);
      // Before, too: once she is no admin nobody looks at her again, though the rest broke off.
      if (ends) await mas.sessions.endAdmin(user.id);
      await users.setAdmin(user.id, isAdmin);
      if (ends) await mas.sessions.endAdmin(user.id);
    },

    async isNameFree(id) {
      return (await synapse.isNameFree(id)) && (await findInAnyCase(id)) === undefined;
    },
  };
}

async function isMade(furnish: () => Promise<void>): Promise<void> {
  try {
    await furnish();
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.kind !== 'refused') throw error;
    throw new HomeserverError('failed', `the account was made, and then: ${error.message}`, { cause: error });
  }
}

function addressesIn(threepids: readonly Threepid[]): readonly string[] {
  return threepids.filter(({ medium }) => medium === 'email').map(({ address }) => address);
}

function notLocal(id: UserId): HomeserverError {
  return new HomeserverError('refused', `${id} is not local`);
}

function restrictionsOf({ locked, deactivated }: MasUser): Pick<Account, 'locked' | 'deactivated'> {
  return { locked, deactivated };
}
