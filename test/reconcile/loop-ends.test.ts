import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import {
  DONE,
  ENG,
  HOUR,
  idOf,
  loopDesk,
  MINUTE,
  NOW,
  reportOf,
  SECOND,
  wait,
} from '../support/loop-desk.ts';

const down = () => new HomeserverError('unavailable', 'no answer');

describe('a loop', () => {
  it('that runs once ends when all that is due is done', async () => {
    const { loop, state, mark, looks, isOver, store } = loopDesk();
    await mark('ann');
    await store.work.mark([idOf('cyd')], 'small', NOW + HOUR);
    state.pass = async ({ onResolved }) => {
      onResolved();
      await wait(2 * SECOND);
      return reportOf();
    };
    state.look = async () => {
      await wait(5 * SECOND);
      return DONE;
    };
    const end = loop.runOnce();
    expect(await isOver(end, 5 * SECOND - 1)).toBe(false);
    expect(await isOver(end, 1)).toBe(true);
    expect(looks).toEqual(['0 ann']);
    expect(await store.work.all()).toEqual([idOf('cyd')]);
  });

  it('that runs once ends with its full pass, if nothing is due', async () => {
    const { loop, state, isOver, news } = loopDesk();
    state.pass = async ({ onResolved }) => {
      onResolved();
      await wait(2 * SECOND);
      return reportOf();
    };
    const end = loop.runOnce();
    expect(await isOver(end, 2 * SECOND - 1)).toBe(false);
    expect(await isOver(end, 1)).toBe(true);
    expect(news).toEqual(['2 passed: 0']);
  });

  it('that runs once does not wait for a homeserver that does not answer', async () => {
    const { loop, state, isOver } = loopDesk();
    state.pass = async () => {
      throw down();
    };
    expect(await isOver(loop.runOnce())).toBe(true);
    expect(loop.status().lastPass).toBeUndefined();
  });

  it('that runs once runs the pass that somebody asks for while it looks for the last work', async () => {
    let isAsked = false;
    const desk = loopDesk({
      faultyWork: (work) => ({
        async next(query) {
          if (desk.news.length > 0 && !isAsked) {
            isAsked = true;
            desk.loop.requestPass();
          }
          return work.next(query);
        },
      }),
    });
    desk.state.pass = async ({ onResolved }) => {
      onResolved();
      await wait(SECOND);
      return reportOf();
    };
    desk.state.review = async () => {
      desk.state.isReviewDue = false;
    };
    expect(await desk.isOver(desk.loop.runOnce(), 2 * SECOND)).toBe(true);
    expect(desk.passes).toEqual(['0 impatient', '1 impatient']);
    expect(desk.news).toEqual(['1 passed: 0', '2 passed: 0']);
  });

  it('that runs once ends with its last look at a room', async () => {
    const { loop, state, rooms, isOver, looks } = loopDesk();
    state.lookAtRoom = async () => {
      await wait(5 * SECOND);
      return { problems: [], isDone: true };
    };
    state.pass = async ({ onResolved }) => {
      onResolved();
      await wait(SECOND);
      return reportOf();
    };
    rooms.request([ENG]);
    const end = loop.runOnce();
    expect(await isOver(end, 6 * SECOND - 1)).toBe(false);
    expect(await isOver(end, 1)).toBe(true);
    expect(looks).toEqual(['1 !eng']);
  });

  it('that runs once looks at whoever is free by what it reviews last', async () => {
    const { loop, state, mark, looks, reviews, isOver } = loopDesk();
    state.review = async () => {
      if (reviews.length === 1) await mark('ann');
    };
    expect(await isOver(loop.runOnce())).toBe(true);
    expect(reviews).toEqual(['0 quiet']);
    expect(looks).toEqual(['0 ann']);
  });

  it('rests once nothing is due and nothing under way, however often that is asked', async () => {
    const { run, loop, state, rooms, mark, isOver, go } = loopDesk();
    state.look = async () => {
      await wait(12 * SECOND);
      return DONE;
    };
    state.lookAtRoom = async () => {
      await wait(5 * SECOND);
      return { problems: [], isDone: true };
    };
    await mark('ann');
    rooms.request([ENG]);
    await run();
    // Ann until 12, the room from 10 to 15.
    for (const [ms, isResting] of [
      [11 * SECOND, false],
      [2 * SECOND, false],
      [2 * SECOND - 1, false],
      [1, true],
    ] as const) {
      expect(await isOver(loop.rest(), ms)).toBe(isResting);
    }
    await go(SECOND);
    expect(await isOver(loop.rest())).toBe(true);
    loop.requestPass();
    state.pass = async () => {
      await wait(SECOND);
      return reportOf();
    };
    expect(await isOver(loop.rest())).toBe(false);
    expect(await isOver(loop.rest(), SECOND)).toBe(true);
  });

  it('rests while it waits for the homeserver', async () => {
    const { run, loop, state, isOver } = loopDesk();
    state.pass = async () => {
      throw down();
    };
    await run();
    expect(await isOver(loop.rest())).toBe(true);
  });
});

describe('a loop that is stopped', () => {
  it('lets those be done who are under way, and begins nothing more', async () => {
    const { run, mark, state, looks, loop, isOver, store } = loopDesk({ concurrency: 1 });
    state.look = async () => {
      await wait(5 * SECOND);
      return DONE;
    };
    await mark('ann bob');
    await run(SECOND);
    const stopped = loop.stop();
    expect(await isOver(stopped, 4 * SECOND - 1)).toBe(false);
    expect(await isOver(stopped, 1)).toBe(true);
    await isOver(stopped, MINUTE);
    expect(looks).toEqual(['0 ann']);
    expect(await store.work.all()).toEqual([idOf('bob')]);
  });

  it('ends, and a full pass breaks off without a word', async () => {
    const { loop, state, news, passes, isOver } = loopDesk();
    state.pass = async ({ signal }) => {
      await wait(5 * SECOND);
      signal.throwIfAborted();
      throw new Error('was not told');
    };
    const ended = loop.run();
    expect(await isOver(ended, SECOND)).toBe(false);
    const stopped = loop.stop();
    expect(await isOver(ended)).toBe(true);
    expect(await isOver(stopped, 4 * SECOND - 1)).toBe(false);
    expect(await isOver(stopped, 1)).toBe(true);
    expect([passes, news, loop.status().pause]).toEqual([['0 impatient'], [], undefined]);
  });
});
