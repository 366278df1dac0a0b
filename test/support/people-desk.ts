import { onTestFinished } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import type { Finding, PersonChange, RoomChange } from '../../src/plan/change.ts';
import { createExecutor } from '../../src/reconcile/executor.ts';
import type { Maker } from '../../src/reconcile/maker.ts';
import { emptyPlan, type PersonPlan } from '../../src/reconcile/person-plan.ts';
import { createStepLog } from '../../src/reconcile/steps.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { AccountLink, Entitlement, WorkError } from '../../src/store/store.ts';
import { linkOf } from './people.ts';
import { tempDir } from './temp-dir.ts';

export const SOURCE = 'idp' as SourceId;
export const ACCOUNT = userId('ann', 'usher.test');
export const [ANN, BOB] = ['id-ann', 'id-bob'] as [ResourceId, ResourceId];
export const [ENG, OPS] = ['!eng', '!ops'] as [RoomId, RoomId];
export const NOW = Date.UTC(2026, 0, 1);

export const link = (rest: Partial<AccountLink> = {}): AccountLink =>
  linkOf(ANN, ACCOUNT, { externalId: 'e', email: 'ann@x', photo: 'photo', avatar: 'avatar', ...rest });
export const entitlement = (roomId: RoomId, rest: Partial<Entitlement> = {}): Entitlement => ({
  ...{ account: ACCOUNT, roomId, state: 'joined', via: ['g'], mode: 'granted', since: NOW - 5, ...rest },
});
export const planOf = (rest: Partial<PersonPlan>): PersonPlan => ({
  ...{ ...emptyPlan(ANN), account: ACCOUNT, linksNow: [link()], links: [link()], ...rest },
});
export const finding = (rest: Partial<Finding> = {}): Finding => ({
  ...{ code: 'left', blocking: false, message: 'She left.', account: ACCOUNT, roomId: ENG, ...rest },
});

const room = (kind: RoomChange['kind'], roomId: RoomId): RoomChange => ({
  ...{ kind, account: ACCOUNT, roomId, via: ['g'] },
});
/** One change of each kind, for Ann's account. */
export const CREATE = {
  kind: 'create-account',
  account: ACCOUNT,
  profile: { displayName: 'Ann', externalId: undefined, email: undefined },
} as const satisfies PersonChange;
export const UPDATE = {
  kind: 'update-account',
  account: ACCOUNT,
  update: { displayName: 'Ann Lee' },
} as const satisfies PersonChange;
export const AVATAR = {
  kind: 'set-avatar',
  account: ACCOUNT,
  photo: 'https://idp/ann.png',
  replaces: undefined,
} as const satisfies PersonChange;
export const LOCK = { kind: 'restrict', account: ACCOUNT, restriction: 'lock' } as const;
export const ERASE = { kind: 'restrict', account: ACCOUNT, restriction: 'erase' } as const;
export const UNLOCK = { kind: 'unrestrict', account: ACCOUNT, restriction: 'lock' } as const;
export const REVIVE = { kind: 'unrestrict', account: ACCOUNT, restriction: 'erase' } as const;
export const [JOIN, JOIN_OPS, KICK] = [room('join', ENG), room('join', OPS), room('kick', ENG)];

export function emptyStore() {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  return store;
}

/** What answers changes: each is made, but those that are said to be otherwise. */
type Answers = ReadonlyMap<PersonChange, WorkError | Error>;
export const REFUSED: WorkError = { kind: 'refused', message: 'refused' };
export const BROKEN: WorkError = { kind: 'failed', message: 'broke off' };

/** An executor over a real store; `made` is what became of the homeserver. */
export function executorDesk() {
  const store = emptyStore();
  const state = {
    answers: new Map() as Answers,
    made: [] as PersonChange[],
    causes: [] as (string | undefined)[],
    found: [] as Finding[],
    /** How many changes it takes until she is marked again. */
    marksAfter: Number.POSITIVE_INFINITY,
    meanwhile: async (): Promise<void> => {},
  };
  const make: Maker = async (change, { cause }) => {
    if (change.kind === 'set-levels') throw new Error('not for a person');
    state.causes.push(cause);
    await state.meanwhile();
    const answer = state.answers.get(change);
    if (answer instanceof Error) throw answer;
    if (answer === undefined) state.made.push(change);
    return answer;
  };
  const execute = createExecutor({
    ...{ store, make, now: () => NOW },
    listener: { changed() {}, found: (found) => state.found.push(found) },
    nameOf: (roomId) => roomId.replace('!', '#'),
  });
  let looks = 0;
  return {
    ...{ store, state, steps: createStepLog(store) },
    run: (plan: Partial<PersonPlan>, course: { held?: readonly string[]; cause?: string } = {}) =>
      execute(planOf(plan), {
        isCurrent: async () => {
          looks += 1;
          return looks <= state.marksAfter;
        },
        held: new Set(course.held),
        cause: course.cause,
      }),
    /** What is written down of her account. */
    link: () => store.people.link(ANN),
    restriction: async () => (await store.people.link(ANN))?.restriction,
    rooms: () => store.people.entitlements(ACCOUNT),
    told: async () => (await store.journal.find({ limit: 10 })).toReversed(),
  };
}
