import type { ResourceId } from '../directory/resource.ts';
import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { unusablePhoto } from '../plan/account-conflict.ts';
import type { Change, Finding, LevelsChange, SetAvatar } from '../plan/change.ts';
import { describeChange } from '../plan/render.ts';
import type { JournalEntry, Store, WorkError } from '../store/store.ts';
import type { AvatarSetter, PhotoTrouble } from './avatars.ts';
import { withPower } from './power.ts';

/** Whom a change is about, and what led to it. */
export type Occasion = {
  readonly account: UserId | undefined;
  readonly userId: ResourceId | undefined;
  readonly cause: string | undefined;
};

/**
 * Makes one change and writes it into the journal. Resolves with why it could not be made. Rejects with a
 * `HomeserverError` that `stopsEverything`.
 */
export type Maker = (change: Change, occasion: Occasion) => Promise<WorkError | undefined>;

/** Told of each change after it was tried, and of each finding when it is new. */
export type ExecutorListener = {
  readonly changed: (change: Change, outcome: 'done' | 'failed' | 'dry-run') => void;
  readonly found: (finding: Finding) => void;
};

type Deps = {
  readonly store: Pick<Store, 'journal'>;
  readonly homeserver: Homeserver;
  readonly setAvatar: AvatarSetter;
  readonly kickReason: string;
  readonly now: () => number;
  readonly listener: ExecutorListener;
};

export function createMaker({ store, homeserver, setAvatar, kickReason, now, listener }: Deps): Maker {
  const call = async (change: Change): Promise<PhotoTrouble | undefined> => {
    if (change.kind === 'set-avatar') return setAvatar(change);
    await callFor(homeserver, change, kickReason);
    return undefined;
  };

  const fail = async (entry: Entry, change: Change, kind: string, reason: string): Promise<WorkError> => {
    listener.changed(change, 'failed');
    const message = `${describeChange(change)}: ${reason}`;
    await store.journal.appendNews({ ...entry, outcome: 'failed', detail: message });
    return { kind, message };
  };

  /** It respects what cannot be helped: told once, and no problem of hers. */
  const tellUnusable = async (entry: Entry, account: UserId, reason: string): Promise<void> => {
    const finding = unusablePhoto(account, reason);
    const { code: action, message: detail } = finding;
    if (await store.journal.appendNews({ ...entry, action, outcome: 'found', detail }))
      listener.found(finding);
  };

  return async (change, occasion) => {
    const roomId = 'roomId' in change ? change.roomId : undefined;
    const entry: Entry = { ...occasion, at: now(), action: change.kind, roomId };
    let trouble: PhotoTrouble | undefined;
    try {
      trouble = await call(change);
    } catch (error) {
      if (!(error instanceof HomeserverError) || stopsEverything(error)) throw error;
      return fail(entry, change, error.kind, error.message);
    }
    if (trouble?.kind === 'failed') return fail(entry, change, trouble.kind, trouble.reason);
    if (change.kind === 'set-avatar' && trouble !== undefined) {
      await tellUnusable(entry, change.account, trouble.reason);
      return undefined;
    }
    if (change.kind === 'set-levels') {
      for (const each of linesOf(change)) await store.journal.append({ ...entry, ...each, outcome: 'done' });
    } else {
      await store.journal.append({ ...entry, outcome: 'done', detail: describeChange(change) });
    }
    listener.changed(change, 'done');
    return undefined;
  };
}

type Entry = Omit<JournalEntry, 'outcome' | 'detail'>;

/** One line in the journal for each member, though it was one write. */
function linesOf({ levels }: LevelsChange): readonly Pick<JournalEntry, 'account' | 'detail'>[] {
  return [...levels].map(([account, level]) => ({
    account,
    detail:
      level === undefined ? `take the power level of ${account}` : `give ${account} the power level ${level}`,
  }));
}

async function callFor(
  homeserver: Homeserver,
  change: Exclude<Change, SetAvatar>,
  kickReason: string,
): Promise<void> {
  const isBanned = async (): Promise<boolean> => {
    if (change.kind !== 'join' && change.kind !== 'kick') return false;
    return (await homeserver.member(change.roomId, change.account))?.membership === 'ban';
  };
  switch (change.kind) {
    case 'create-account':
      return homeserver.createAccount(change.account, change.profile);
    case 'update-account':
      return homeserver.updateAccount(change.account, change.update);
    case 'restrict':
      return homeserver.restrict(change.account, change.restriction);
    case 'unrestrict':
      return homeserver.unrestrict(change.account, change.restriction);
    case 'grant-admin':
      return homeserver.setAdmin(change.account, true);
    case 'revoke-admin':
      return homeserver.setAdmin(change.account, false);
    case 'join':
      return withPower(
        homeserver,
        change.roomId,
        () => homeserver.join(change.roomId, change.account),
        isBanned,
      );
    case 'kick':
      return withPower(
        homeserver,
        change.roomId,
        () => homeserver.kick(change.roomId, change.account, kickReason),
        isBanned,
      );
    case 'set-levels':
      return withPower(homeserver, change.roomId, () =>
        homeserver.setPowerLevels(change.roomId, change.levels),
      );
  }
}
