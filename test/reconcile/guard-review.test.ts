import { describe, expect, it } from 'vitest';
import { DECIDED } from '../../src/store/guard-store.ts';
import { ask, ENG, guardDesk, NOW, OPS, personOf, SIZE, some } from '../support/guard-desk.ts';

const stray = { userId: undefined, isStray: true };

describe('a hold', () => {
  it.each(['restored', 'imported'] as const)('"%s" ends by nothing but a decision', async (scope) => {
    const { guard, close, scopes, state } = await guardDesk();
    await close(scope);
    state.now += 1;
    guard.passed();
    await guard.review(true);
    expect(await scopes()).toEqual([scope]);
  });

  it.each([
    ['a pass ended since, nothing is held, nobody waits', { passes: 1, rows: 0, isQuiet: true }, []],
    ['somebody waits', { passes: 1, rows: 0, isQuiet: false }, ['map']],
    ['something is held', { passes: 1, rows: 1, isQuiet: true }, ['map']],
    ['no pass ended since', { passes: 0, rows: 0, isQuiet: true }, ['map']],
  ])('"map", when %s, leaves %j', async (_, { passes, rows, isQuiet }, left) => {
    const { guard, close, hold, scopes, state } = await guardDesk();
    await close('map');
    await hold('map', some(0, rows));
    if (passes === 1) {
      state.now += 1;
      guard.passed();
    } else {
      guard.passed();
    }
    await guard.review(isQuiet);
    expect(await scopes()).toEqual(left);
  });

  it.each([
    ['nothing is held, and nobody waits', { rows: 0, isQuiet: true, isEmpty: true }, []],
    ['nothing is held, and somebody waits', { rows: 0, isQuiet: false, isEmpty: true }, ['empty']],
    ['it is empty', { rows: 2, isQuiet: true, isEmpty: true }, ['empty']],
    ['it is not empty any more', { rows: 2, isQuiet: true, isEmpty: false }, []],
    ['it is not empty any more, and somebody waits', { rows: 2, isQuiet: false, isEmpty: false }, ['empty']],
  ])('"empty", when %s, leaves its hold or not', async (_, { rows, isQuiet, isEmpty }, left) => {
    const desk = await guardDesk();
    await desk.fill();
    if (isEmpty) await desk.empty('users');
    await desk.close('empty');
    await desk.hold('empty', some(0, rows));
    await desk.guard.review(isQuiet);
    expect(await desk.scopes()).toEqual(left);
  });

  it.each([
    ['the room is exclusive', { rows: 1, isQuiet: true, mode: 'exclusive', isKnown: true }, 1],
    ['it is not any more', { rows: 1, isQuiet: false, mode: 'granted', isKnown: true }, 0],
    ['some room is not known', { rows: 1, isQuiet: true, mode: 'granted', isKnown: false }, 1],
    ['nobody is held, and nobody waits', { rows: 0, isQuiet: true, mode: 'exclusive', isKnown: true }, 0],
    ['nobody is held, and somebody waits', { rows: 0, isQuiet: false, mode: 'exclusive', isKnown: true }, 1],
  ] as const)('of strangers, when %s', async (_, { rows, isQuiet, mode, isKnown }, left) => {
    const { guard, close, hold, terms, uncertain, scopes } = await guardDesk();
    terms(ENG, { mode });
    terms(OPS, { mode: 'exclusive' });
    if (!isKnown) uncertain.add('*');
    await close(`exclusive:${ENG}`);
    await hold(`exclusive:${ENG}`, some(0, rows, stray));
    await guard.review(isQuiet);
    expect(await scopes()).toHaveLength(left);
  });

  it.each([
    [6, true, 1],
    [6, false, 1],
    [5, true, 0],
    [5, false, 0],
    [0, true, 0],
    [0, false, 1],
  ])('of a room, with %i of 20 held, nobody waiting: %s', async (rows, isQuiet, left) => {
    const { guard, fill, close, hold, scopes } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    await hold(`room:${ENG}`, some(0, rows));
    await guard.review(isQuiet);
    expect(await scopes()).toHaveLength(left);
  });

  it('that ends has its people looked at for what led to it, and its rooms', async () => {
    const { guard, fill, close, hold, store, state, heldKeys } = await guardDesk();
    await fill();
    await close(`room:${ENG}`);
    await hold(`room:${ENG}`, [ask(0, { cause: 'first' }), ask(1, { cause: 'second' })]);
    await hold(`room:${ENG}`, [ask(2, stray)]);
    await guard.review(true);
    expect(await heldKeys()).toEqual([]);
    expect(await store.work.all('removal')).toHaveLength(2);
    expect(await store.overview.waiting(personOf(0))).toMatchObject({ cause: 'first' });
    expect(await store.overview.waiting(personOf(1))).toMatchObject({ cause: 'second' });
    expect(state.roomsToLookAt).toEqual([ENG]);
  });

  it('that waits only for the others to be done is looked at again', async () => {
    const { guard, close, hold, fill } = await guardDesk();
    await fill();
    await guard.review(false);
    expect(guard.isReviewDue()).toBe(false);
    await close(`room:${ENG}`);
    await guard.review(false);
    expect(guard.isReviewDue()).toBe(true);
    await hold(`room:${ENG}`, some(0, 6));
    await guard.review(false);
    expect(guard.isReviewDue()).toBe(false);
    await guard.review(true);
    expect(guard.isReviewDue()).toBe(false);
  });
});

describe('after a full pass', () => {
  it('everybody of whom something is held is looked at once, and every such room', async () => {
    const { guard, close, hold, fill, store, state } = await guardDesk();
    await fill();
    await close('restored');
    await hold('restored', [ask(0), ask(1)]);
    await hold('restored', [ask(2, stray)]);
    await hold('restored', [ask(3, { ...stray, roomId: OPS })], 'approved');
    await guard.review(true);
    expect([await store.work.all('removal'), state.roomsToLookAt]).toEqual([[], [OPS]]);
    guard.passed();
    expect(guard.isReviewDue()).toBe(true);
    state.roomsToLookAt = [];
    await guard.review(true);
    expect(await store.work.all('removal')).toEqual([personOf(0), personOf(1)]);
    expect(await store.overview.waiting(personOf(0))).toMatchObject({ cause: 'full pass' });
    expect(new Set(state.roomsToLookAt)).toEqual(new Set([ENG, OPS]));
    state.roomsToLookAt = [];
    await guard.review(true);
    expect(state.roomsToLookAt).toEqual([OPS]);
  });

  it('nobody is marked when nothing is held', async () => {
    const { guard, store } = await guardDesk();
    guard.passed();
    await guard.review(true);
    expect(await store.work.all('removal')).toEqual([]);
  });
});

it('who agreed to a room being exclusive is asked again when it was something else meanwhile', async () => {
  const { guard, store, terms } = await guardDesk();
  for (const roomId of [ENG, OPS]) await store.facts.set(`${DECIDED}exclusive:${roomId}`, 'approved');
  await store.facts.set(`${DECIDED}total`, 'approved');
  terms(ENG, { mode: 'exclusive' });
  await guard.review(true);
  expect(await store.facts.names(DECIDED)).toEqual([`${DECIDED}exclusive:${ENG}`, `${DECIDED}total`]);
});

it('believes nothing that was found before: what is held by it ends with its cause', async () => {
  const { guard, fill, hold, close, state, judge, scopes } = await guardDesk();
  await fill();
  state.waiting = some(1, SIZE);
  await judge.judge([ask(0)]);
  await close(`room:${ENG}`);
  await hold(`room:${ENG}`, [ask(0)]);
  state.waiting = [];
  await guard.review(true);
  expect(await scopes()).toEqual([]);
});

it('that breaks off is made again', async () => {
  const { guard, store, state } = await guardDesk();
  await guard.review(true);
  expect(guard.isReviewDue()).toBe(false);
  guard.requestReview();
  expect(guard.isReviewDue()).toBe(true);
  const { holds } = store.guard;
  Object.assign(store.guard, { holds: async () => Promise.reject(new Error('the disk is full')) });
  await expect(guard.review(true)).rejects.toThrow('the disk is full');
  expect(guard.isReviewDue()).toBe(true);
  Object.assign(store.guard, { holds });
  state.now = NOW;
  await guard.review(true);
  expect(guard.isReviewDue()).toBe(false);
});
