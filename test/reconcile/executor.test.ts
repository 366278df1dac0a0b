import { describe, expect, it } from 'vitest';
import type { PersonChange } from '../../src/plan/change.ts';
import { keyOf } from '../../src/plan/guard.ts';
import { createDryRun } from '../../src/reconcile/executor.ts';
import {
  ACCOUNT,
  ANN,
  AVATAR,
  BROKEN,
  CREATE,
  ENG,
  entitlement,
  executorDesk,
  finding,
  JOIN,
  JOIN_OPS,
  KICK,
  LOCK,
  NOW,
  OPS,
  planOf,
  REFUSED,
  REVIVE,
  UNLOCK,
  UPDATE,
} from '../support/people-desk.ts';

const [KICK_KEY, LOCK_KEY] = [
  keyOf({ kind: 'kick', account: ACCOUNT, roomId: ENG }),
  keyOf({ kind: 'restrict', account: ACCOUNT, roomId: undefined }),
];
const RECORD = { state: 'granted', via: ['g'], mode: 'granted' } as const;

describe('what is to be said to her', () => {
  const words = new Map([
    [ENG, { kind: 'added', text: 'Welcome' }],
    [OPS, { kind: 'removed', text: 'Farewell' }],
  ] as const);
  const KICK_OPS = { ...KICK, roomId: OPS };
  const taken = async ({ store }: ReturnType<typeof executorDesk>) =>
    ((await store.words.take(NOW + 1)) ?? []).map(({ userId, roomId, text }) => [userId, roomId, text]);

  it('is written down, to be said once it is so', async () => {
    const desk = executorDesk();
    await desk.store.people.saveEntitlement(entitlement(OPS));
    const records = new Map([[ENG, RECORD]]);
    await desk.run({ changes: [KICK_OPS, JOIN], records, words });
    expect(await taken(desk)).toEqual([
      [ANN, ENG, 'Welcome'],
      [ANN, OPS, 'Farewell'],
    ]);
  });

  it('is a welcome also when the join takes another attempt, and once', async () => {
    const desk = executorDesk();
    desk.state.answers = new Map([[JOIN, REFUSED]]);
    const records = new Map([[ENG, RECORD]]);
    await desk.run({ changes: [JOIN], records, words });
    expect(await taken(desk)).toEqual([]);
    desk.state.answers = new Map();
    await desk.run({ changes: [JOIN], records });
    expect(await taken(desk)).toEqual([[ANN, ENG, 'Welcome']]);
    await desk.run({ changes: [JOIN], records });
    expect(await taken(desk)).toEqual([]);
  });

  it('is no farewell while the removal is held or refused', async () => {
    const desk = executorDesk();
    await desk.store.people.saveEntitlement(entitlement(OPS));
    const key = keyOf({ kind: 'kick', account: ACCOUNT, roomId: OPS });
    await desk.run({ changes: [KICK_OPS], words }, { held: [key] });
    desk.state.answers = new Map([[KICK_OPS, REFUSED]]);
    await desk.run({ changes: [KICK_OPS], words });
    await desk.store.people.endEntitlement(ACCOUNT, OPS);
    expect(await taken(desk)).toEqual([]);
  });
});

describe('the changes of a plan', () => {
  it('are all made, in the order of the plan', async () => {
    const { run, state } = executorDesk();
    const changes = [KICK, UNLOCK, UPDATE, AVATAR, JOIN_OPS];
    expect(await run({ changes })).toEqual({ problems: [], unmade: [] });
    expect(state.made).toEqual(changes);
  });

  it('are none of them made, nor anything written down, when something changed already', async () => {
    const { run, state, link, rooms, told, steps } = executorDesk();
    state.marksAfter = 0;
    const plan = {
      changes: [LOCK, JOIN],
      records: new Map([[ENG, RECORD]]),
      findings: [finding({ blocking: true })],
    };
    expect(await run(plan)).toEqual({ problems: [], unmade: [LOCK, JOIN] });
    expect([state.made, await link(), await rooms(), await told()]).toEqual([[], undefined, [], []]);
    expect(await steps.open()).toEqual([]);
  });

  it('are not made any more once something changes meanwhile, and those are certainly not made', async () => {
    const { run, state } = executorDesk();
    state.marksAfter = 2;
    const changes = [KICK, UPDATE, JOIN_OPS];
    expect(await run({ changes })).toEqual({ problems: [], unmade: [UPDATE, JOIN_OPS] });
    expect(state.made).toEqual([KICK]);
  });

  it('are made though another one is refused', async () => {
    const { run, state } = executorDesk();
    state.answers = new Map([[JOIN, REFUSED]]);
    const plan = { changes: [JOIN, JOIN_OPS], records: new Map() };
    expect(await run(plan)).toEqual({ problems: [REFUSED], unmade: [JOIN] });
    expect(state.made).toEqual([JOIN_OPS]);
  });

  it('may have been made when they broke off', async () => {
    const { run, state } = executorDesk();
    state.answers = new Map([[KICK, BROKEN]]);
    expect(await run({ changes: [KICK, UPDATE] })).toEqual({ problems: [BROKEN], unmade: [] });
  });

  it('that are held are not made, and that is no problem', async () => {
    const { run, state } = executorDesk();
    const other = { ...KICK, roomId: OPS };
    const held = [KICK_KEY];
    expect(await run({ changes: [KICK, other] }, { held })).toEqual({ problems: [], unmade: [KICK] });
    expect(state.made).toEqual([other]);
  });

  const chains: readonly [string, readonly PersonChange[], PersonChange, readonly PersonChange[]][] = [
    ['joins nothing and sets no avatar without an account', [CREATE, AVATAR, JOIN], CREATE, [AVATAR, JOIN]],
    ['lifts no lock before a stronger one holds', [LOCK, UNLOCK], LOCK, [UNLOCK]],
    ['sets no avatar on an account that is not given back', [UNLOCK, AVATAR], UNLOCK, [AVATAR]],
    ['joins though she keeps a lock', [UNLOCK, JOIN], UNLOCK, []],
    ['joins nothing while she is still deactivated', [REVIVE, JOIN], REVIVE, [JOIN]],
    ['joins though her profile is as before', [UPDATE, AVATAR, JOIN], UPDATE, []],
    ['kicks and updates whatever fails', [KICK, LOCK, UPDATE, { ...KICK, roomId: OPS }], LOCK, []],
  ];
  it.each(chains)('%s', async (_, changes, failing, unmade) => {
    for (const answer of [REFUSED, BROKEN]) {
      const { run, state } = executorDesk();
      state.answers = new Map([[failing, answer]]);
      const certain = answer === REFUSED ? [failing, ...unmade] : unmade;
      expect(await run({ changes })).toEqual({ problems: [answer], unmade: certain });
      expect(state.made).toEqual(changes.filter((each) => each !== failing && !unmade.includes(each)));
    }
  });

  it('lifts no lock while the stronger one is held', async () => {
    const { run, state } = executorDesk();
    expect(await run({ changes: [LOCK, UNLOCK] }, { held: [LOCK_KEY] })).toEqual({
      problems: [],
      unmade: [LOCK, UNLOCK],
    });
    expect(state.made).toEqual([]);
  });

  it('are a problem too if something stands in the way of one that was asked for', async () => {
    const { run, state } = executorDesk();
    state.answers = new Map([[JOIN, REFUSED]]);
    const findings = [finding({ blocking: true, message: 'No.' }), finding({ message: 'She left.' })];
    const { problems } = await run({ changes: [JOIN], findings });
    expect(problems).toEqual([{ kind: 'conflict', message: 'No.' }, REFUSED]);
  });
});

describe('what became of a change', () => {
  it('is written down of a removal: the entitlement and what was said about it are over', async () => {
    const { run, store, rooms } = executorDesk();
    for (const roomId of [ENG, OPS]) await store.people.saveEntitlement(entitlement(roomId));
    await store.guard.hold(
      [ENG, OPS].map((roomId) => ({
        ...{ kind: 'kick', account: ACCOUNT, roomId, userId: ANN, scope: 'total', detail: '' },
        ...{ cause: undefined, since: NOW, verdict: 'approved' },
      })),
    );
    await run({ changes: [KICK] });
    expect((await rooms()).map(({ roomId }) => roomId)).toEqual([OPS]);
    expect((await store.guard.held()).map(({ roomId }) => roomId)).toEqual([OPS]);
  });

  it('is nothing when a removal was not made', async () => {
    const { run, state, store, rooms } = executorDesk();
    await store.people.saveEntitlement(entitlement(ENG));
    state.answers = new Map([[KICK, REFUSED]]);
    await run({ changes: [KICK] });
    expect(await rooms()).toEqual([entitlement(ENG)]);
  });

  it('is written down of a join: she is in, since she was first let in', async () => {
    const { run, state, store, rooms } = executorDesk();
    await store.people.saveEntitlement(entitlement(ENG, { state: 'granted', via: ['old'] }));
    const records = new Map([
      [ENG, RECORD],
      [OPS, RECORD],
    ]);
    state.answers = new Map([[JOIN_OPS, REFUSED]]);
    await run({ changes: [JOIN, JOIN_OPS], records });
    expect(await rooms()).toEqual([entitlement(ENG), entitlement(OPS, { state: 'granted', since: NOW })]);
  });

  it('is nothing of a join that the plan has no record of', async () => {
    const { run, rooms } = executorDesk();
    expect(await run({ changes: [JOIN] })).toEqual({ problems: [], unmade: [] });
    expect(await rooms()).toEqual([]);
  });

  it('is written down before of what needs no change: what is known of rooms, and what ended', async () => {
    const { run, state, store, rooms } = executorDesk();
    for (const roomId of [ENG, OPS]) await store.people.saveEntitlement(entitlement(roomId));
    let seen: unknown;
    state.meanwhile = async () => {
      seen = await rooms();
    };
    await run({ changes: [UPDATE], records: new Map([[ENG, { ...RECORD, state: 'left' }]]), ended: [OPS] });
    expect(seen).toEqual([entitlement(ENG, { state: 'left' })]);
  });
});

describe('a finding', () => {
  it('is told once, with what led to it', async () => {
    const { run, state, told } = executorDesk();
    const [left, banned] = [finding(), finding({ code: 'banned', message: 'Banned.', blocking: true })];
    await run({ findings: [left, banned] }, { cause: 'a push' });
    await run({ findings: [left, banned] }, { cause: 'another' });
    expect(state.found).toEqual([left, banned]);
    const about = { at: NOW, outcome: 'found', account: ACCOUNT, userId: ANN, roomId: ENG, cause: 'a push' };
    expect(await told()).toEqual([
      { ...about, action: 'left', detail: 'She left.' },
      { ...about, action: 'banned', detail: 'Banned.' },
    ]);
  });

  it('is told again when it says something else', async () => {
    const { run, state } = executorDesk();
    const [first, second] = [finding(), finding({ message: 'Again.' })];
    await run({ findings: [first] });
    await run({ findings: [second] });
    expect(state.found).toEqual([first, second]);
  });
});

describe('what led to a change', () => {
  it.each([
    ['PATCH /Groups/7', ['PATCH /Groups/7', 'PATCH /Groups/7', 'PATCH /Groups/7']],
    [
      'full pass: #eng is open to her',
      ['full pass: #eng is open to her', 'full pass', 'full pass: #eng is open to her'],
    ],
    ['PATCH #eng full pass', ['PATCH #eng full pass', 'PATCH #eng full pass', 'PATCH #eng full pass']],
    [undefined, [undefined, undefined, undefined]],
  ])('is %s, unless a full pass found it of another room', async (cause, causes) => {
    const { run, state } = executorDesk();
    await run({ changes: [JOIN, JOIN_OPS, UPDATE] }, cause === undefined ? {} : { cause });
    expect(state.causes).toEqual(causes);
  });
});

describe('a dry run', () => {
  it('tells what would be done and what stands in the way, and does nothing', async () => {
    const told: unknown[] = [];
    const dryRun = createDryRun({
      changed: (...change) => told.push(change),
      found: (found) => told.push(found),
    });
    const findings = [finding({ blocking: true, message: 'No.' }), finding()];
    const course = { isCurrent: async () => true, held: new Set<string>(), cause: undefined };
    expect(await dryRun(planOf({ changes: [KICK, REVIVE], findings }), course)).toEqual({
      problems: [{ kind: 'conflict', message: 'No.' }],
      unmade: [],
    });
    expect(told).toEqual([[KICK, 'dry-run'], [REVIVE, 'dry-run'], ...findings]);
  });
});
