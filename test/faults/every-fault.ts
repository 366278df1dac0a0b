import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FAULTS, type Kind } from '../support/faults.ts';
import { AUTHS, expectRight, openStage, type Stage } from './stage.ts';

/** Milliseconds that a whole outage lasts: in it are two or three attempts, with 1 s, 2 s, 4 s between them. */
const OUTAGE_MS = 2_500;
/** After the last attempt in it, the next one comes within 4 s; a room that could not be read, after 10 s. */
const SECONDS_AFTERWARDS = 25;
/** Far below what a call takes that is not answered; on a busy machine, no worse than it was before the fault. */
const LONGEST_ANSWER_MS = 500;
const LONGER_THAN_BEFORE = 3;

/** In an outage of everything, and where only one person meets the fault; where Synapse signs people in, and where MAS does. */
export function describeFaults(kinds: readonly Kind[]): void {
  const cases = kinds.flatMap((kind) => AUTHS.map((auth) => ({ kind, auth })));
  describe.each(cases)('$kind, $auth', ({ kind, auth }) => {
    it('of everything loses nothing, takes nothing from anybody, hammers nobody, and is over when it is over', async () => {
      const stage = await openStage(1, {}, auth);
      const { proxy, usher, wrongs, calls } = stage;
      const beforehand = providerBeside(stage, 'beforehand');
      const scene = await stage.scene(0);
      const rest = await beforehand.end();
      const before = await calls();
      await proxy.inject(kind);
      const answers = providerBeside(stage, 'beside');
      await scene.play();
      usher.service.loop.requestPass();
      await delay(OUTAGE_MS);
      const made = (await calls()) - before;
      if (FAULTS[kind].when === 'never') proxy.countRefused(made);
      expect(await scene.forgotten()).toEqual([]);
      expect(wrongs()).toEqual([]);
      expect(proxy.injected(kind)).toBeGreaterThan(2);
      expect(made).toBeLessThan(MOST_CALLS);
      const { slowest, count } = await answers.end();
      expect(count).toBeGreaterThan(5);
      expect(slowest).toBeLessThan(Math.max(LONGEST_ANSWER_MS, LONGER_THAN_BEFORE * rest.slowest));
      await proxy.heal();
      await expectRight(stage, scene, SECONDS_AFTERWARDS);
    });

    it.skipIf(FAULTS[kind].when === 'never')('of one person is hers alone', async () => {
      const stage = await openStage(1, {}, auth);
      const { proxy, usher, isIn, eng, group } = stage;
      const scene = await stage.scene(0);
      await proxy.inject(({ path, body }) => (`${path} ${body}`.includes('victim') ? kind : undefined));
      const ids = [await usher.provider.createUser({ userName: 'victim' })];
      await usher.provider.addMembers(group, ...ids);
      await expect.poll(() => proxy.injected(kind), { timeout: 5_000 }).toBeGreaterThan(0);
      await scene.play();
      usher.service.loop.requestPass();
      await expect.poll(scene.missing, { timeout: 15_000, message: 'the rest goes on' }).toEqual([]);
      expect(proxy.injected(kind)).toBeLessThan(MOST_CALLS_OF_ONE);
      await proxy.heal();
      await expect.poll(() => isIn(eng, 'victim'), { timeout: SECONDS_AFTERWARDS * 1000 }).toBe(true);
      await expectRight(stage, scene, SECONDS_AFTERWARDS);
    });
  });
}

/** Four people, a room and a pass may be under way when it begins; then some try again after 1 s, and after 3 s. */
const MOST_CALLS = 40;
const MOST_CALLS_OF_ONE = 12;

/** A provider that reads and writes on, and how long it waits for its answers. */
function providerBeside({ usher: { provider } }: Stage, userName: string) {
  const times: number[] = [];
  let isOver = false;
  const run = async (): Promise<void> => {
    const id = await provider.createUser({ userName });
    while (!isOver) {
      const start = performance.now();
      if (times.length % 5 === 0) await provider.putUser(id, { userName, displayName: `${times.length}` });
      else await provider.readUser(id);
      times.push(performance.now() - start);
      await delay(20);
    }
  };
  const running = run();
  return {
    async end() {
      isOver = true;
      await running;
      return { count: times.length, slowest: Math.max(...times) };
    },
  };
}
