import { describe, expect, it } from 'vitest';
import {
  ENG,
  HOUR,
  loopDesk,
  MINUTE,
  NOW,
  OPS,
  reportOf,
  SECOND,
  taking,
  wait,
} from '../support/loop-desk.ts';

const LOOKED = { problems: [], isDone: true };

describe('a room', () => {
  it('waits until nobody else is due, nor under way', async () => {
    const { run, mark, rooms, state, looks } = loopDesk();
    state.look = taking(5 * SECOND);
    await mark('ann');
    rooms.request([ENG]);
    await run(MINUTE);
    expect(looks).toEqual(['0 ann', '5 !eng']);
  });

  it('waits for the end of a full pass', async () => {
    const { run, rooms, state, looks } = loopDesk();
    state.pass = async ({ onResolved }) => {
      onResolved();
      await wait(5 * SECOND);
      return reportOf();
    };
    rooms.request([ENG]);
    await run(MINUTE);
    expect(looks).toEqual(['5 !eng']);
  });

  it('waits no longer than ten seconds while there is always somebody', async () => {
    const { run, mark, rooms, state, looks } = loopDesk({ concurrency: 1 });
    state.look = taking(4 * SECOND);
    await mark('ann bob cyd dan');
    rooms.request([ENG]);
    await run(MINUTE);
    expect(looks).toEqual(['0 ann', '4 dan', '8 bob', '12 !eng', '12 cyd']);
  });

  it.each([
    [2, '30 !eng'],
    [3, '10 !eng'],
  ])('of %i places does not take the one that is for the few', async (concurrency, look) => {
    const { run, mark, rooms, state, looks } = loopDesk({ concurrency });
    state.look = taking(30 * SECOND);
    await mark('ann', 'bulk');
    rooms.request([ENG]);
    await run(MINUTE);
    expect(looks).toEqual(['0 ann', look]);
  });

  it('takes a place, though not that of the few', async () => {
    const { run, mark, rooms, state, looks, loop, go } = loopDesk({ concurrency: 2 });
    state.lookAtRoom = async () => {
      await wait(30 * SECOND);
      return LOOKED;
    };
    state.look = taking(5 * SECOND);
    rooms.request([ENG, OPS]);
    await run(SECOND);
    await mark('ann', 'bulk');
    await mark('bob cyd');
    loop.wake();
    await go(2 * MINUTE);
    expect(looks).toEqual(['0 !eng', '1.1 bob', '6.1 cyd', '30 !ops', '60 ann']);
  });

  it('is looked at with others, as far as there are places', async () => {
    const { run, rooms, state, looks } = loopDesk({ concurrency: 3 });
    state.lookAtRoom = async () => {
      await wait(30 * SECOND);
      return LOOKED;
    };
    rooms.request([ENG, OPS, '!third' as typeof ENG]);
    await run(MINUTE);
    expect(looks).toEqual(['0 !eng', '0 !ops', '30 !third']);
  });

  it('that is not finished is looked at again after whoever is due', async () => {
    const { run, mark, rooms, state, looks } = loopDesk();
    let isDone = false;
    state.lookAtRoom = async () => {
      await mark('ann');
      const outcome = { problems: [], isDone };
      isDone = true;
      return outcome;
    };
    rooms.request([ENG]);
    await run(MINUTE);
    expect(looks).toEqual(['0 !eng', '0 ann', '0 !eng', '0 ann']);
  });

  it('that failed is looked at when it is due, or when somebody asks for a full pass', async () => {
    const { run, rooms, state, looks, loop, go } = loopDesk({ resyncMs: MINUTE });
    rooms.request([ENG]);
    rooms.settle(ENG, [], NOW + HOUR);
    rooms.settle(OPS, [], NOW + 5 * MINUTE);
    state.pass = async ({ onResolved }) => {
      onResolved();
      return reportOf();
    };
    loop.requestPass();
    await run();
    expect(looks.splice(0)).toEqual(['0 !eng', '0 !ops']);
    rooms.settle(ENG, [], NOW + HOUR);
    rooms.settle(OPS, [], NOW + 5 * MINUTE);
    await go(10 * MINUTE + SECOND);
    expect(looks.splice(0)).toEqual(['300 !ops']);
    loop.requestPass();
    await go(SECOND);
    expect(looks).toEqual(['601 !eng']);
  });

  it('with a problem is looked at again after each full pass, until all is well', async () => {
    const { run, rooms, state, looks, loop, go } = loopDesk({ resyncMs: MINUTE });
    let problems = [{ target: ENG, message: 'something' }];
    state.lookAtRoom = async () => ({ problems, isDone: true });
    rooms.request([ENG]);
    await run(SECOND);
    expect(looks.splice(0)).toEqual(['0 !eng']);
    await go(MINUTE);
    expect(looks.splice(0)).toEqual(['60 !eng']);
    expect(loop.problems()).toEqual(problems);
    problems = [];
    await go(MINUTE);
    expect(looks.splice(0)).toEqual(['120 !eng']);
    expect(loop.problems()).toEqual([]);
    await go(MINUTE);
    expect(looks).toEqual([]);
  });

  it('is broken off when the loop is stopped, which waits for it', async () => {
    const { run, rooms, state, loop, isOver, looks } = loopDesk();
    let wasBrokenOff = false;
    state.lookAtRoom = async (_, signal) => {
      await wait(5 * SECOND);
      wasBrokenOff = signal.aborted;
      return { ...LOOKED, isDone: false };
    };
    rooms.request([ENG]);
    await run(SECOND);
    const stopped = loop.stop();
    expect(await isOver(stopped, 4 * SECOND - 1)).toBe(false);
    expect(await isOver(stopped, 1)).toBe(true);
    expect([wasBrokenOff, looks]).toEqual([true, ['0 !eng']]);
  });

  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'never goes before somebody who is due, though who was before her ends just then (%i)',
    async (turns) => {
      const end = Promise.withResolvers<void>();
      const { run, mark, rooms, state, looks, loop, go } = loopDesk({
        concurrency: 1,
        faultyWork: (work) => ({
          async done(item) {
            await work.done(item);
            await end.promise;
          },
        }),
      });
      await mark('ann');
      await run();
      await mark('bob');
      rooms.request([ENG]);
      state.onAsked = async () => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        end.resolve();
      };
      loop.requestReview();
      await go(MINUTE);
      expect(looks).toEqual(['0 ann', '0 bob', '0 !eng']);
    },
  );
});

describe('what is held', () => {
  it('is reviewed every five seconds while somebody is always due, and when nobody is', async () => {
    const { run, mark, state, reviews } = loopDesk({ concurrency: 1 });
    state.look = taking(SECOND);
    await mark('ann bob cyd dan eve fay gil hal');
    await run(MINUTE);
    expect(reviews).toEqual(['0 busy', '5 busy', '8 quiet']);
  });

  it('is not reviewed in quiet while somebody is under way', async () => {
    const { run, mark, state, reviews, looks } = loopDesk();
    state.look = taking(4 * SECOND);
    await mark('ann');
    await run(MINUTE);
    expect(looks).toEqual(['0 ann']);
    expect(reviews).toEqual(['0 busy', '4 quiet']);
  });

  it('is not reviewed before the rooms are known', async () => {
    const { run, state, reviews } = loopDesk();
    state.isReviewDue = true;
    state.pass = async ({ onResolved }) => {
      await wait(10 * SECOND);
      onResolved();
      await wait(10 * SECOND);
      return reportOf();
    };
    await run(MINUTE);
    expect(reviews).toEqual(['10 busy', '20 busy', '20 quiet']);
  });

  it('is reviewed when another process may have decided', async () => {
    const { run, reviews, loop, go } = loopDesk();
    await run(4 * SECOND);
    reviews.splice(0);
    loop.requestReview();
    await go(MINUTE);
    expect(reviews).toEqual(['4 quiet']);
  });

  it('and could not be reviewed has everything wait until it can, and both are told', async () => {
    const { run, state, trouble, reviews } = loopDesk();
    state.review = async () => {
      state.isReviewDue = reviews.length < 2;
      if (reviews.length < 2) throw new Error('a full disk');
    };
    await run(MINUTE);
    expect(trouble()).toEqual(['0 crashed: a full disk', '0 paused: internal', '1 resumed']);
    expect(reviews).toEqual(['0 quiet', '1 quiet']);
  });
});

describe('a loop that has nothing to do', () => {
  it('does nothing', async () => {
    const { run, effort } = loopDesk();
    await run();
    expect(await effort(HOUR / 2)).toBeLessThan(1000);
  });

  it('does nothing while a full pass is under way that another one is to follow', async () => {
    const { run, effort, state, loop } = loopDesk();
    state.pass = async () => {
      await wait(2 * MINUTE);
      return reportOf();
    };
    await run(SECOND);
    loop.requestPass();
    expect(await effort(MINUTE)).toBeLessThan(50);
  });

  it('does nothing while a room waits for a place', async () => {
    const { run, effort, state, mark, rooms } = loopDesk({ concurrency: 1 });
    state.look = taking(2 * MINUTE);
    await mark('ann bob');
    rooms.request([ENG]);
    await run(11 * SECOND);
    expect(await effort(MINUTE)).toBeLessThan(50);
  });
});
