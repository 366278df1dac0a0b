import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { userId } from '../../src/matrix/ids.ts';
import { GROUPS_SEEN } from '../../src/reconcile/judge.ts';
import { LAST_PASS } from '../../src/reconcile/pass.ts';
import { foundAs, passDesk, problem } from '../support/pass-desk.ts';
import { NOW } from '../support/survey-desk.ts';

const DAY = 86_400_000;
const YEAR_AND_MORE = 400 * DAY;
const ROUTINE = { text: 'full pass', isDrift: false };

describe('a full pass', () => {
  it('marks whoever was found to need a look, and tells why', async () => {
    const { run, state, user, waiting, lookAtAll } = await passDesk();
    const [ann, bob, cyd] = [await user('ann'), await user('bob'), await user('cyd')];
    await lookAtAll();
    state.survey = async (spot) => {
      await spot([ann, bob], 'bulk', ROUTINE);
      await spot([], 'removal', ROUTINE);
      await spot([cyd], 'removal', { text: 'full pass: she was kicked', isDrift: true });
      return [];
    };
    expect(await run()).toMatchObject({ marked: 3, drifted: 1 });
    expect(await waiting(ann)).toMatchObject({ urgency: 'bulk', cause: 'full pass', since: NOW + 1000 });
    expect(await waiting(cyd)).toMatchObject({ urgency: 'removal', cause: 'full pass: she was kicked' });
    expect(state.told).toEqual(['resolved', 'marked', 'marked']);
  });

  it('counts people, and not in how many rooms they are wrong', async () => {
    const { run, state, user } = await passDesk();
    const [ann, bob] = [await user('ann'), await user('bob')];
    const kicked = { text: 'full pass: she was kicked', isDrift: true };
    state.survey = async (spot) => {
      await spot([ann, bob], 'bulk', ROUTINE);
      for (const _ of ['eng', 'ops']) await spot([ann], 'bulk', kicked);
      return [];
    };
    expect(await run()).toMatchObject({ marked: 2, drifted: 1 });
  });

  it.each([
    [false, NOW + DAY],
    [true, NOW + 1000],
  ])('that is impatient (%s) has who waits after a refusal be due at %i', async (isImpatient, due) => {
    const { run, state, user, store, waiting, nextItem } = await passDesk();
    const ann = await user('ann');
    await store.work.mark([ann], 'small', NOW, 'she was pushed');
    const item = await nextItem();
    if (item !== undefined) await store.work.postpone(item, NOW + DAY, { kind: 'refused', message: 'no' });
    state.survey = async (spot) => {
      await spot([ann], 'bulk', ROUTINE);
      return [];
    };
    await run({ isImpatient });
    expect(await waiting(ann)).toMatchObject({ dueAt: due, urgency: 'small', cause: 'she was pushed' });
  });

  it('is reported with all that went wrong in it, and the report is kept for others to read', async () => {
    const faults = {
      liftRateLimit: async () => {
        throw new HomeserverError('refused', 'no');
      },
    };
    const { run, state, store } = await passDesk({ liftRateLimit: true, faults });
    const warnings = [{ line: 1, column: 1, message: 'seldom meant', found: '', meaning: '', remedy: '' }];
    state.found = [foundAs({ problems: [problem('#eng:x')], warnings })];
    state.survey = async () => [problem('!eng')];
    const report = await run();
    expect(report).toEqual({
      ...{ startedAt: NOW, finishedAt: NOW + 1000, marked: 0, drifted: 0, warnings },
      problems: [
        { target: 'the rate limit of the bot', message: 'the rate limit of the bot: no' },
        ...[problem('#eng:x'), problem('!eng')],
      ],
    });
    expect(await store.facts.get('last-pass')).toEqual(report);
    expect(await store.facts.get('seal')).toMatchObject({ at: NOW + 1000 });
  });

  it('that broke off leaves no report', async () => {
    const { run, state, store } = await passDesk();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(run({ signal })).rejects.toThrow('enough');
    expect(state.told).toEqual(['resolved']);
    expect(await store.facts.get(LAST_PASS)).toBeUndefined();
    expect(await store.facts.get('seal')).toBeUndefined();
  });

  it('knows from then on that there were groups, if there are some', async () => {
    const { run, group, store } = await passDesk();
    await run();
    expect(await store.facts.get(GROUPS_SEEN)).toBeUndefined();
    await group('eng');
    await run();
    expect(await store.facts.get(GROUPS_SEEN)).toBe(true);
    await store.facts.set(GROUPS_SEEN, false);
    await run();
    expect(await store.facts.get(GROUPS_SEEN)).toBe(false);
  });
});

describe('the rate limit of the bot', () => {
  it('is lifted once, and tried again until it is', async () => {
    const answers = ['refused', 'refused', 'fine', 'refused'];
    const faults = {
      async liftRateLimit() {
        if (answers.shift() === 'refused') throw new HomeserverError('refused', 'no');
      },
    };
    const { run } = await passDesk({ liftRateLimit: true, faults });
    const problems = [await run(), await run(), await run(), await run()].map(
      (report) => report.problems.length,
    );
    expect(problems).toEqual([1, 1, 0, 0]);
  });

  it('is left alone where it is not to be lifted', async () => {
    const faults = {
      async liftRateLimit() {
        throw new HomeserverError('refused', 'no');
      },
    };
    expect((await (await passDesk({ faults })).run()).problems).toEqual([]);
  });
});

describe('the journal', () => {
  it('forgets what is more than 400 days old', async () => {
    const { run, journal, remembered } = await passDesk();
    await run();
    const inTwoSeconds = YEAR_AND_MORE - 2000;
    await journal([inTwoSeconds + 1, inTwoSeconds, 0]);
    await run();
    expect(await remembered()).toEqual([0, inTwoSeconds]);
  });

  it.each([
    ['there was none', undefined, false],
    ['the last was 30 days ago', { finishedAt: NOW - 30 * DAY }, false],
    ['the last was less than 30 days ago', { finishedAt: NOW - 30 * DAY + 1 }, true],
    ['it is not said when the last was', {}, false],
    ['the last was at a time that is a text', { finishedAt: `${NOW - 1}` }, false],
    ['the last is nothing', null, false],
    ['the last is a text', 'today', false],
  ])('of which it is known since when it is kept, if %s, is cut: %s', async (_, last, isCut) => {
    const { run, journal, remembered, store } = await passDesk();
    await store.facts.set(LAST_PASS, last);
    await journal([YEAR_AND_MORE, 0]);
    await run();
    expect(await remembered()).toEqual(isCut ? [0] : [0, YEAR_AND_MORE]);
  });
});

describe('who we are', () => {
  it('is made sure of first: with the token of somebody else nothing is done', async () => {
    const { homeserver, bot } = await passDesk();
    const stranger = userId('stranger', 'usher.test');
    const identify = async () => ({ ...(await homeserver.identify()), userId: stranger });
    const { run, state } = await passDesk({ faults: { identify } });
    await expect(run()).rejects.toMatchObject({
      kind: 'unauthorised',
      message: `the token for the homeserver belongs to ${stranger}, but MATRIX_ADMIN_USER_ID says ${bot}. Correct that, or MATRIX_ADMIN_TOKEN; one that Usher got from MAS is in synapse-token.json in DATA_DIR, and can be removed.`,
    });
    expect(state.told).toEqual([]);
  });

  it('is not enough without the rights of an admin', async () => {
    const { homeserver, bot } = await passDesk();
    const identify = async () => ({ ...(await homeserver.identify()), admin: false });
    const { run, state } = await passDesk({ faults: { identify } });
    await expect(run()).rejects.toMatchObject({
      kind: 'unauthorised',
      message: `${bot} is not a server admin. Make it one, or use another token.`,
    });
    expect(state.told).toEqual([]);
  });
});
