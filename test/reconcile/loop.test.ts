import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { ENG, HOUR, loopDesk, MINUTE, NOW, reportOf, SECOND, wait } from '../support/loop-desk.ts';

const down = () => new HomeserverError('unavailable', 'no answer');
const PROBLEM = { target: '#eng:x', message: '#eng:x is wrong' };
const OUR_ERROR = 'an error inside Usher; see the log';

describe('full passes', () => {
  it('begin at once, and then each so long after the beginning of the last', async () => {
    const { run, state, passes, news } = loopDesk();
    state.pass = async () => {
      const report = reportOf();
      await wait(10 * SECOND);
      return { ...report, marked: 7 };
    };
    await run(2 * HOUR);
    expect(passes).toEqual(['0 impatient', '3600', '7200']);
    expect(news).toEqual(['10 passed: 7', '3610 passed: 7']);
  });

  it.each([
    [HOUR, ['0 impatient', '300', '600']],
    [4 * MINUTE, ['0 impatient', '240', '480']],
  ])(
    'that found problems come again in five minutes, or in %i ms if that is sooner',
    async (resyncMs, when) => {
      const { run, state, passes, loop } = loopDesk({ resyncMs });
      state.pass = async () => reportOf({ problems: [PROBLEM] });
      await run(10 * MINUTE);
      expect(passes).toEqual(when);
      expect(loop.problems()).toEqual([PROBLEM]);
    },
  );

  it('are begun when somebody asks for one, and have everything tried at once', async () => {
    const { run, loop, passes, go } = loopDesk();
    await run(5 * SECOND);
    loop.requestPass();
    await go(HOUR);
    expect(passes).toEqual(['0 impatient', '5 impatient', '3605']);
  });

  it('that are asked for while one is under way follow it', async () => {
    const { run, loop, state, passes, go } = loopDesk();
    state.pass = async () => {
      await wait(10 * SECOND);
      return reportOf();
    };
    await run(5 * SECOND);
    loop.requestPass();
    await go(HOUR);
    expect(passes).toEqual(['0 impatient', '10 impatient']);
  });

  it('have people looked at as soon as the rooms are known, and whom they mark', async () => {
    const { run, state, mark, looks } = loopDesk();
    await mark('ann');
    state.pass = async ({ onResolved, onMarked }) => {
      await wait(10 * SECOND);
      onResolved();
      await wait(10 * SECOND);
      await mark('bob');
      onMarked();
      await wait(10 * SECOND);
      return reportOf();
    };
    await run(MINUTE);
    expect(looks).toEqual(['10 ann', '20 bob']);
  });

  it('that end have what is held reviewed, and tell what they found', async () => {
    const { run, state, loop, reviews, rooms } = loopDesk();
    expect(loop.problems()).toEqual([]);
    const report = reportOf({ problems: [PROBLEM] });
    state.pass = async ({ onResolved }) => {
      onResolved();
      return report;
    };
    const found = { target: ENG, message: 'nobody is in it' };
    await run();
    rooms.settle(ENG, [found]);
    expect(reviews).toEqual(['0 quiet']);
    expect(loop.status()).toEqual({ pause: undefined, lastPass: report });
    expect(loop.problems()).toEqual([PROBLEM, found]);
  });
});

describe('a full pass that broke off', () => {
  it('has everything wait, and begins again as it began', async () => {
    const { run, state, loop, passes, news, go } = loopDesk();
    const { pass } = state;
    state.pass = async () => {
      throw down();
    };
    await run();
    expect(loop.status().pause).toEqual({ kind: 'unavailable', message: 'no answer', until: NOW + SECOND });
    await go(SECOND);
    state.pass = pass;
    await go(MINUTE);
    expect(passes).toEqual(['0 impatient', '1 impatient', '3 impatient']);
    expect(news).toEqual(['0 paused: unavailable', '3 resumed', '3 passed: 0']);
    expect(loop.status().pause).toBeUndefined();
  });

  it('by an error of our own is told as one', async () => {
    const { run, state, loop, passes, news, go } = loopDesk();
    const { pass } = state;
    state.pass = async () => {
      throw new TypeError('a bug');
    };
    await run();
    state.pass = pass;
    expect(loop.status().pause).toEqual({ kind: 'internal', message: OUR_ERROR, until: NOW + SECOND });
    await go(SECOND);
    expect(passes).toEqual(['0 impatient', '1 impatient']);
    expect(news).toEqual(['0 crashed: a bug', '0 paused: internal', '1 resumed', '1 passed: 0']);
  });

  it.each([
    [false, ['0 impatient', '3600', '3611']],
    [true, ['0 impatient', '3600', '3611 impatient']],
  ])('is no more urgent for it, unless somebody asked for one meanwhile (%s)', async (isAsked, when) => {
    const { run, state, loop, passes, go } = loopDesk();
    await run();
    const { pass } = state;
    state.pass = async () => {
      await wait(10 * SECOND);
      throw down();
    };
    await go(HOUR + 5 * SECOND);
    state.pass = pass;
    if (isAsked) loop.requestPass();
    await go(MINUTE);
    expect(passes).toEqual(when);
  });

  it('is not begun before the wait is over, whoever asks', async () => {
    const { run, state, loop, passes, go } = loopDesk();
    const { pass } = state;
    state.pass = async () => {
      throw down();
    };
    await run(SECOND / 2);
    state.pass = pass;
    loop.requestPass();
    await go(MINUTE);
    expect(passes).toEqual(['0 impatient', '1 impatient']);
  });
});
