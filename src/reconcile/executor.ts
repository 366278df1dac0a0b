import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { Change, RoomChange } from '../plan/change.ts';
import { describeChange } from '../plan/render.ts';
import type { AccountLink, JournalEntry, Store, WorkError } from '../store/store.ts';
import type { PersonPlan } from './person-planner.ts';

/**
 * Makes the changes of one plan and resolves with what could not be done: one change that is refused never
 * stops the others. Rejects with a `HomeserverError` that `stopsEverything`; the rest was then not tried.
 * `known` is the text of what could not be done last time, so that it is not written down again.
 */
export type Executor = (plan: PersonPlan, known: string | undefined) => Promise<readonly WorkError[]>;

type Deps = {
  readonly store: Pick<Store, 'people' | 'journal'>;
  readonly homeserver: Homeserver;
  readonly kickReason: string;
  readonly now: () => number;
  readonly onChange: ChangeListener;
};

/** Told of each change after it was tried. */
export type ChangeListener = (change: Change, outcome: 'done' | 'failed' | 'dry-run') => void;

/** Whether an error is about the homeserver as a whole, not about one change. */
export function stopsEverything({ kind }: HomeserverError): boolean {
  return kind === 'unavailable' || kind === 'unauthorised' || kind === 'throttled';
}

export function createExecutor({ store, homeserver, kickReason, now, onChange }: Deps): Executor {
  const { people } = store;

  /** Written before the changes, so that a crash in between can only make us look again. */
  const writeAhead = async (plan: PersonPlan): Promise<void> => {
    const { account } = plan;
    if (account === undefined) return;
    for (const [roomId, record] of plan.records) {
      await people.saveEntitlement({ account, roomId, since: now(), ...record });
    }
    for (const roomId of plan.ended) await people.endEntitlement(account, roomId);
    if (plan.changes.some((change) => change.kind === 'restrict')) await saveLinks(plan.links);
  };

  const saveLinks = async (links: readonly AccountLink[]): Promise<void> => {
    for (const link of links) await people.saveLink(link);
  };

  /** Written after a change, once it is certain. */
  const settle = async (plan: PersonPlan, change: Change): Promise<void> => {
    if (change.kind === 'kick') await people.endEntitlement(change.account, change.roomId);
    if (change.kind === 'create-account') await saveLinks(plan.links);
    if (change.kind === 'join') {
      const record = plan.records.get(change.roomId);
      if (record === undefined) return;
      const { account, roomId } = change;
      await people.saveEntitlement({ account, roomId, since: now(), ...record, state: 'joined' });
    }
  };

  const journal = (
    plan: PersonPlan,
    entry: Pick<JournalEntry, 'action' | 'outcome' | 'roomId' | 'detail'>,
  ): Promise<void> =>
    store.journal.append({ ...entry, at: now(), account: plan.account, userId: plan.userId });

  const make = async (plan: PersonPlan, change: Change, known: string): Promise<WorkError | undefined> => {
    const roomId = 'roomId' in change ? change.roomId : undefined;
    const action = change.kind;
    try {
      await call(homeserver, change, kickReason);
    } catch (error) {
      if (!(error instanceof HomeserverError) || stopsEverything(error)) throw error;
      onChange(change, 'failed');
      const message = `${describeChange(change)}: ${error.message}`;
      if (!known.includes(message))
        await journal(plan, { action, outcome: 'failed', roomId, detail: message });
      return { kind: error.kind, message };
    }
    await settle(plan, change);
    await journal(plan, { action, outcome: 'done', roomId, detail: describeChange(change) });
    onChange(change, 'done');
    return undefined;
  };

  return async (plan, known = '') => {
    await writeAhead(plan);
    const problems: WorkError[] = [];
    const failed = new Set<Change['kind']>();
    for (const finding of plan.findings) {
      const { code: action, message, roomId } = finding;
      if (finding.blocking) problems.push({ kind: 'conflict', message });
      if (!known.includes(message))
        await journal(plan, { action, outcome: 'found', roomId, detail: message });
    }
    for (const change of plan.changes) {
      if (change.kind === 'join' && failed.has('create-account')) continue;
      const problem = await make(plan, change, known);
      if (problem === undefined) continue;
      problems.push(problem);
      failed.add(change.kind);
    }
    if (!failed.has('create-account')) {
      const restricted = !failed.has('restrict');
      await saveLinks(plan.links.map((link) => (restricted ? link : { ...link, restriction: undefined })));
    }
    for (const userId of plan.superseded) await people.removeLink(userId);
    return problems;
  };
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
export function createDryRun(onChange: ChangeListener): Executor {
  return async (plan) => {
    for (const change of plan.changes) onChange(change, 'dry-run');
    return [];
  };
}
