import type { Restriction } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { Change, PersonChange, Restrict, RoomChange } from '../plan/change.ts';
import { keyOf } from '../plan/guard.ts';
import { isDeactivation } from '../plan/offboarding.ts';
import type { AccountLink, JournalEntry, Store, WorkError } from '../store/store.ts';
import { takeAwayOf } from './holding.ts';
import type { House } from './house.ts';
import type { ExecutorListener, Maker } from './maker.ts';
import type { PersonPlan } from './person-plan.ts';
import { createStepLog, isStep } from './steps.ts';
import { FULL_PASS } from './survey.ts';

/**
 * Makes the changes of one plan, for as long as nobody asked for another look at her (`isCurrent`). Resolves with
 * what could not be done: one change that is refused never stops the others. Rejects with a `HomeserverError` that
 * `stopsEverything`; the rest was then not tried.
 */
export type Executor = (plan: PersonPlan, course: Course) => Promise<Execution>;

export type Execution = {
  readonly problems: readonly WorkError[];
  /** Changes that were certainly not made. */
  readonly unmade: readonly PersonChange[];
};

export type Course = {
  readonly isCurrent: () => Promise<boolean>;
  /** Keys of changes that are held: they are not made, and that is no problem. */
  readonly held: ReadonlySet<string>;
  /** What led to it, for the journal. */
  readonly cause: string | undefined;
};

type Deps = {
  readonly store: Pick<Store, 'people' | 'journal' | 'guard' | 'facts' | 'words'>;
  readonly make: Maker;
  readonly now: () => number;
  readonly listener: ExecutorListener;
  /** As causes name rooms. */
  readonly nameOf: House['nameOf'];
};

export function createExecutor({ store, make, now, listener, nameOf }: Deps): Executor {
  const { people } = store;
  const steps = createStepLog(store);

  /**
   * Written before the changes, so that a crash in between can only make us look again. Resolves with whether a step was
   * under way already.
   */
  const writeAhead = async (plan: PersonPlan, held: ReadonlySet<string>): Promise<boolean> => {
    const { account } = plan;
    if (account === undefined) return false;
    const wasUnderWay = plan.changes.some(isStep) && (await steps.beneath(account)) !== undefined;
    const imposed = plan.changes.filter((change) => !isHeld(change, held)).find(isRestriction);
    if (imposed !== undefined) await steps.begin(account, plan.changes);
    // Made an admin by us, though nobody wrote it down, she would be protected from us.
    const isGranted = plan.changes.some(({ kind }) => kind === 'grant-admin');
    await saveLinks(
      plan.linksNow.map((link) => ({
        ...link,
        restriction: imposed?.restriction ?? link.restriction,
        isAdmin: isGranted || link.isAdmin,
      })),
    );
    for (const [roomId, record] of plan.records) {
      await people.saveEntitlement({ account, roomId, since: now(), ...record });
    }
    for (const roomId of plan.ended) await people.endEntitlement(account, roomId);
    // A welcome waits for its join, however often that takes another attempt.
    for (const change of plan.changes) if (change.kind === 'join') await noteWord(plan, change);
    return wasUnderWay;
  };

  const noteWord = async ({ userId, words }: PersonPlan, { account, roomId }: RoomChange): Promise<void> => {
    const word = words.get(roomId);
    if (word !== undefined) await store.words.add({ ...word, account, userId, roomId, at: now() });
  };

  const saveLinks = async (links: readonly AccountLink[]): Promise<void> => {
    for (const link of links) await people.saveLink(link);
  };

  /**
   * The avatar is not the plan's to know: it is written down when it is set. A link that was there before the changes, and
   * is not there any more, was unlinked meanwhile: that stays so.
   */
  const saveAllButAvatar = async (links: readonly AccountLink[]): Promise<void> => {
    for (const link of links) {
      const before = await people.link(link.userId);
      if (before?.account !== link.account) continue;
      await people.saveLink({ ...link, photo: before.photo, avatar: before.avatar });
    }
  };

  /** An erasure took it: the provider's photo is as good as new. */
  const forgetAvatar = async (account: UserId): Promise<void> => {
    const links = await people.linksOf(account);
    await saveLinks(links.map((link) => ({ ...link, photo: undefined, avatar: undefined })));
  };

  /** Written after a change, once it is certain. */
  const settle = async (plan: PersonPlan, change: PersonChange): Promise<void> => {
    if (change.kind === 'kick') {
      await people.endEntitlement(change.account, change.roomId);
      await noteWord(plan, change);
    }
    const taken = takeAwayOf(change);
    if (taken !== undefined) await store.guard.forget(taken);
    if (change.kind === 'unrestrict' && change.restriction === 'erase') await forgetAvatar(change.account);
    if (change.kind === 'join') {
      const record = plan.records.get(change.roomId);
      if (record === undefined) return;
      const { account, roomId } = change;
      // It was written ahead: whoever unlinked her meanwhile ended it.
      const entitlements = await people.entitlements(account);
      if (!entitlements.some((each) => each.roomId === roomId)) return;
      await people.saveEntitlement({ account, roomId, since: now(), ...record, state: 'joined' });
    }
  };

  /** What a full pass found may be about another room than the change. */
  const causeOf = (change: PersonChange, cause: string | undefined): string | undefined => {
    if (cause === undefined || !cause.startsWith(FULL_PASS) || !('roomId' in change)) return cause;
    return cause.includes(nameOf(change.roomId)) ? cause : FULL_PASS;
  };

  const tell = async (plan: PersonPlan, cause: string | undefined): Promise<void> => {
    const { account, userId } = plan;
    for (const finding of plan.findings) {
      const { code: action, message: detail, roomId } = finding;
      const entry: JournalEntry = {
        ...{ at: now(), action, outcome: 'found', account, userId, roomId, detail, cause },
      };
      if (await store.journal.appendNews(entry)) listener.found(finding);
    }
  };

  /** Writes down what is true of the links after what was done, refused, or not tried any more. */
  const conclude = async (plan: PersonPlan, progress: Progress): Promise<void> => {
    const { done, undone, wasUnderWay } = progress;
    const isOpen = (kind: Change['kind']): boolean =>
      plan.changes.some((change) => change.kind === kind && !done.includes(change));
    if (undone.some((change) => change.kind === 'create-account')) {
      // Certainly not made: whoever has that name tomorrow is somebody else.
      for (const userId of plan.newcomers) await people.removeLink(userId);
    }
    if (isOpen('create-account')) return;
    const taken = plan.changes.filter(isStep);
    const isOver =
      taken.every((each) => done.includes(each)) ||
      (!wasUnderWay && taken.every((each) => undone.includes(each)));
    if (plan.account !== undefined && taken.length > 0 && isOver) await steps.end(plan.account);
    const links = isOpen('update-account') ? plan.linksNow : plan.links;
    const restriction = restrictionAfter(plan, progress);
    const isAdmin = isAdminAfter(plan, progress);
    await saveAllButAvatar(links.map((link) => ({ ...link, restriction, isAdmin })));
    for (const userId of plan.superseded) await people.removeLink(userId);
  };

  return async (plan, { isCurrent, held, cause }) => {
    if (!(await isCurrent())) return { problems: [], unmade: plan.changes };
    const wasUnderWay = await writeAhead(plan, held);
    await tell(plan, cause);
    const { account, userId } = plan;
    const problems = [...conflictsIn(plan)];
    const done: Change[] = [];
    const undone: PersonChange[] = [];
    const failed: PersonChange[] = [];
    for (const change of plan.changes) {
      const isBlocked = isHeld(change, held) || failed.some((before) => isNeeded(before, change));
      // Something changed meanwhile: she is looked at again, and the rest of this plan is not made any more.
      if (isBlocked || !(await isCurrent())) {
        undone.push(change);
        if (isHeld(change, held)) failed.push(change);
        continue;
      }
      const problem = await make(change, { account, userId, cause: causeOf(change, cause) });
      if (problem === undefined) {
        await settle(plan, change);
        done.push(change);
        continue;
      }
      problems.push(problem);
      failed.push(change);
      if (problem.kind === 'refused') undone.push(change);
    }
    await conclude(plan, { done, undone, wasUnderWay });
    return { problems, unmade: undone };
  };
}

function isRestriction(change: PersonChange): change is Restrict {
  return change.kind === 'restrict';
}

function isHeld(change: PersonChange, held: ReadonlySet<string>): boolean {
  const taken = takeAwayOf(change);
  return taken !== undefined && held.has(keyOf(taken));
}

/** `undone` was refused or not tried: certainly not made. What is in neither broke off, and may have been made. */
type Progress = {
  readonly done: readonly Change[];
  readonly undone: readonly PersonChange[];
  /** Whether a step of an earlier plan was. */
  readonly wasUnderWay: boolean;
};

/**
 * Whether a change must not be made once one before it failed: nobody joins without an account, or before it is reactivated,
 * for a deactivation may take her out of her rooms late; no lock is lifted before a stronger one holds.
 */
function isNeeded(before: PersonChange, { kind }: PersonChange): boolean {
  const furnishes = kind === 'set-avatar' || kind === 'grant-admin';
  switch (before.kind) {
    case 'restrict':
      return kind === 'unrestrict';
    case 'create-account':
      return furnishes || kind === 'join';
    case 'unrestrict':
      return furnishes || (kind === 'join' && isDeactivation(before.restriction));
    default:
      return false;
  }
}

/** What is on the account now by our doing, or may be, whatever of the plan was refused. */
function restrictionAfter(plan: PersonPlan, { done, undone }: Progress): Restriction | undefined {
  const lifted = plan.changes.find((change) => change.kind === 'unrestrict');
  const imposed = plan.changes.find((change) => change.kind === 'restrict');
  if (imposed !== undefined && !undone.includes(imposed)) return imposed.restriction;
  if (lifted !== undefined) return done.includes(lifted) ? undefined : lifted.restriction;
  // One that was not imposed leaves what was there before, as when a deactivated account was to be erased.
  return (imposed === undefined ? plan.links : plan.linksNow)[0]?.restriction;
}

/** Whether the account may be a server admin by us now. */
function isAdminAfter({ changes, linksNow, links }: PersonPlan, { done, undone }: Progress): boolean {
  const change = changes.find(({ kind }) => kind === 'grant-admin' || kind === 'revoke-admin');
  const [before, after] = [linksNow[0]?.isAdmin === true, links[0]?.isAdmin === true];
  if (change === undefined) return after;
  if (undone.includes(change)) return before;
  return change.kind === 'grant-admin' || !done.includes(change);
}

function conflictsIn({ findings }: PersonPlan): readonly WorkError[] {
  return findings.filter(({ blocking }) => blocking).map(({ message }) => ({ kind: 'conflict', message }));
}

/** Makes no change and writes nothing down: what would be done is only told. */
export function createDryRun(listener: ExecutorListener): Executor {
  return async (plan) => {
    for (const change of plan.changes) listener.changed(change, 'dry-run');
    for (const finding of plan.findings) listener.found(finding);
    return { problems: conflictsIn(plan), unmade: [] };
  };
}
