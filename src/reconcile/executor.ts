import { HomeserverError, stopsEverything } from '../matrix/error.ts';
import type { Homeserver, Restriction } from '../matrix/homeserver.ts';
import type { Change, Finding, RoomChange } from '../plan/change.ts';
import { describeChange } from '../plan/render.ts';
import type { AccountLink, JournalEntry, Store, WorkError } from '../store/store.ts';
import type { PersonPlan } from './person-plan.ts';

/**
 * Makes the changes of one plan, for as long as nobody asked for another look at her (`isCurrent`). Resolves with
 * what could not be done: one change that is refused never stops the others. Rejects with a `HomeserverError` that
 * `stopsEverything`; the rest was then not tried.
 */
export type Executor = (plan: PersonPlan, isCurrent: () => Promise<boolean>) => Promise<readonly WorkError[]>;

type Deps = {
  readonly store: Pick<Store, 'people' | 'journal'>;
  readonly homeserver: Homeserver;
  readonly kickReason: string;
  readonly now: () => number;
  readonly listener: ExecutorListener;
};

/** Told of each change after it was tried, and of each finding when it is new. */
export type ExecutorListener = {
  readonly changed: (change: Change, outcome: 'done' | 'failed' | 'dry-run') => void;
  readonly found: (finding: Finding) => void;
};

export function createExecutor({ store, homeserver, kickReason, now, listener }: Deps): Executor {
  const { people } = store;

  /** Written before the changes, so that a crash in between can only make us look again. */
  const writeAhead = async (plan: PersonPlan): Promise<void> => {
    const { account } = plan;
    if (account === undefined) return;
    const imposed = plan.changes.find((change) => change.kind === 'restrict');
    await saveLinks(
      plan.linksNow.map((link) => ({ ...link, restriction: imposed?.restriction ?? link.restriction })),
    );
    for (const [roomId, record] of plan.records) {
      await people.saveEntitlement({ account, roomId, since: now(), ...record });
    }
    for (const roomId of plan.ended) await people.endEntitlement(account, roomId);
  };

  const saveLinks = async (links: readonly AccountLink[]): Promise<void> => {
    for (const link of links) await people.saveLink(link);
  };

  /** Written after a change, once it is certain. */
  const settle = async (plan: PersonPlan, change: Change): Promise<void> => {
    if (change.kind === 'kick') await people.endEntitlement(change.account, change.roomId);
    if (change.kind === 'join') {
      const record = plan.records.get(change.roomId);
      if (record === undefined) return;
      const { account, roomId } = change;
      await people.saveEntitlement({ account, roomId, since: now(), ...record, state: 'joined' });
    }
  };

  const entryOf = (
    plan: PersonPlan,
    entry: Pick<JournalEntry, 'action' | 'outcome' | 'roomId' | 'detail'>,
  ): JournalEntry => ({ ...entry, at: now(), account: plan.account, userId: plan.userId });

  const make = async (plan: PersonPlan, change: Change): Promise<WorkError | undefined> => {
    const roomId = 'roomId' in change ? change.roomId : undefined;
    const action = change.kind;
    try {
      await call(homeserver, change, kickReason);
    } catch (error) {
      if (!(error instanceof HomeserverError) || stopsEverything(error)) throw error;
      listener.changed(change, 'failed');
      const message = `${describeChange(change)}: ${error.message}`;
      await store.journal.appendNews(entryOf(plan, { action, outcome: 'failed', roomId, detail: message }));
      return { kind: error.kind, message };
    }
    await settle(plan, change);
    await store.journal.append(
      entryOf(plan, { action, outcome: 'done', roomId, detail: describeChange(change) }),
    );
    listener.changed(change, 'done');
    return undefined;
  };

  const tell = async (plan: PersonPlan): Promise<void> => {
    for (const finding of plan.findings) {
      const { code: action, message, roomId } = finding;
      const entry = entryOf(plan, { action, outcome: 'found', roomId, detail: message });
      if (await store.journal.appendNews(entry)) listener.found(finding);
    }
  };

  /** Writes down what is true of the links after what was done, refused, or not tried any more. */
  const conclude = async (plan: PersonPlan, progress: Progress): Promise<void> => {
    const { done, undone } = progress;
    const isOpen = (kind: Change['kind']): boolean =>
      plan.changes.some((change) => change.kind === kind && !done.includes(change));
    if (undone.some((change) => change.kind === 'create-account')) {
      // Certainly not made: whoever has that name tomorrow is somebody else.
      for (const userId of plan.newcomers) await people.removeLink(userId);
    }
    if (isOpen('create-account')) return;
    const links = isOpen('update-account') ? plan.linksNow : plan.links;
    const restriction = restrictionAfter(plan, progress);
    await saveLinks(links.map((link) => ({ ...link, restriction })));
    for (const userId of plan.superseded) await people.removeLink(userId);
  };

  return async (plan, isCurrent) => {
    if (!(await isCurrent())) return [];
    await writeAhead(plan);
    await tell(plan);
    const problems = [...conflictsIn(plan)];
    const done: Change[] = [];
    const undone: Change[] = [];
    const failed = new Set<Change['kind']>();
    for (const change of plan.changes) {
      // Something changed meanwhile: she is looked at again, and the rest of this plan is not made any more.
      if (needed(change.kind).some((kind) => failed.has(kind)) || !(await isCurrent())) {
        undone.push(change);
        continue;
      }
      const problem = await make(plan, change);
      if (problem === undefined) {
        done.push(change);
        continue;
      }
      problems.push(problem);
      failed.add(change.kind);
      if (problem.kind === 'refused') undone.push(change);
    }
    await conclude(plan, { done, undone });
    return problems;
  };
}

/** `undone` was refused or not tried: certainly not made. What is in neither broke off, and may have been made. */
type Progress = { readonly done: readonly Change[]; readonly undone: readonly Change[] };

/** What must not have failed: nobody joins without an account, no lock is lifted before a stronger one holds. */
function needed(kind: Change['kind']): readonly Change['kind'][] {
  if (kind === 'join') return ['create-account'];
  return kind === 'unrestrict' ? ['restrict'] : [];
}

/** What is on the account now by our doing, or may be, whatever of the plan was refused. */
function restrictionAfter(plan: PersonPlan, { done, undone }: Progress): Restriction | undefined {
  const lifted = plan.changes.find((change) => change.kind === 'unrestrict');
  const imposed = plan.changes.find((change) => change.kind === 'restrict');
  if (imposed !== undefined && !undone.includes(imposed)) return imposed.restriction;
  if (lifted !== undefined) return done.includes(lifted) ? undefined : lifted.restriction;
  return imposed === undefined ? plan.links[0]?.restriction : undefined;
}

function conflictsIn({ findings }: PersonPlan): readonly WorkError[] {
  return findings.filter(({ blocking }) => blocking).map(({ message }) => ({ kind: 'conflict', message }));
}

async function call(homeserver: Homeserver, change: Change, kickReason: string): Promise<void> {
  switch (change.kind) {
    case 'create-account':
      return homeserver.createAccount(change.account, change.profile);
    case 'update-account':
      return homeserver.updateAccount(change.account, change.update);
    case 'restrict':
      return homeserver.restrict(change.account, change.restriction);
    case 'unrestrict':
      return homeserver.unrestrict(change.account, change.restriction);
    case 'join':
      return withPower(homeserver, change, () => homeserver.join(change.roomId, change.account));
    case 'kick':
      return withPower(homeserver, change, () => homeserver.kick(change.roomId, change.account, kickReason));
  }
}

/** A refusal may mean that the bot is not in the room, or has too little power there: then it takes both. */
async function withPower(
  homeserver: Homeserver,
  change: RoomChange,
  attempt: () => Promise<void>,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.kind !== 'refused') throw error;
    const member = await homeserver.member(change.roomId, change.account);
    if (member?.membership === 'ban') throw error;
    await homeserver.takeRoom(change.roomId);
    await attempt();
  }
}

/** Makes no change and writes nothing down: what would be done is only told. */
export function createDryRun(listener: ExecutorListener): Executor {
  return async (plan) => {
    for (const change of plan.changes) listener.changed(change, 'dry-run');
    for (const finding of plan.findings) listener.found(finding);
    return conflictsIn(plan);
  };
}
