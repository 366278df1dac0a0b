import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { killAtStart } from '../support/crash/kill-at-start.ts';
import { createCrashStage } from '../support/crash/stage.ts';
import { createTally, type Moment, print } from '../support/crash/tally.ts';
import { pick, randomFrom } from '../support/scim/random.ts';
import { startUsherProcess, type UsherProcess } from '../support/usher-process.ts';

const CRASHES = Number(process.env.CRASHES ?? 200);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** Crashes between two looks at the rooms. */
const LOOK = 20;

/** Most crashes happen while providers push. */
const MOMENTS: readonly Moment[] = [
  'traffic',
  'traffic',
  'traffic',
  'acknowledgement',
  'acknowledgement',
  'pass',
  'start',
];

describe(`Usher, killed ${CRASHES} times (CRASH_SEED=${SEED})`, () => {
  it('keeps what it acknowledged, does nothing by halves, and the rooms converge', async () => {
    const random = randomFrom(SEED);
    const stage = await createCrashStage(SEED);
    const tally = createTally();
    const restart = async (): Promise<UsherProcess> => {
      const usher = await startUsherProcess(stage.env);
      onTestFinished(() => usher.end('SIGKILL'));
      tally.started(usher.startMs);
      tally.judged(stage.judge());
      return usher;
    };
    /** Pushes until it is killed, by a time or by so many acknowledgements. */
    const killInTraffic = async (usher: UsherProcess, moment: Moment): Promise<void> => {
      const kill = new AbortController();
      const most = moment === 'acknowledgement' ? 1 + Math.floor(random() * 60) : Number.POSITIVE_INFINITY;
      let acknowledged = 0;
      const acknowledge = (): void => {
        if (kill.signal.aborted) return;
        acknowledged += 1;
        tally.acknowledged();
        if (acknowledged >= most) end();
      };
      const end = (): void => {
        process.kill(usher.pid, 'SIGKILL');
        kill.abort();
      };
      const pushing = stage.writers.map((writer) =>
        writer.push(usher.url, () => kill.signal.aborted, acknowledge),
      );
      if (moment === 'traffic') {
        await Promise.race([setTimeout(20 + random() * 500), Promise.all(pushing)]);
        end();
      }
      await Promise.all(pushing);
      await usher.ended;
    };

    while (tally.crashes() < CRASHES) {
      const moment = pick(random, MOMENTS);
      if (moment === 'start') await killAtStart(stage.env, 20 + random() * 600);
      else {
        const usher = await restart();
        if (moment === 'pass') {
          await setTimeout(random() * 200);
          await usher.end('SIGKILL');
        } else await killInTraffic(usher, moment);
      }
      tally.crashed(moment);
      if (tally.crashes() % LOOK === 0) {
        const usher = await restart();
        tally.converged(await stage.converge());
        const ready = await fetch(`${usher.url}/readyz`);
        expect(JSON.parse(await ready.text()).components.database).toEqual({ status: 'ok' });
        await usher.end('SIGKILL');
        tally.crashed('rest');
      }
    }
    const usher = await restart();
    tally.converged(await stage.converge());
    await usher.end();

    const report = tally.report({ kicks: stage.kicks(), seed: SEED });
    print(report);
    expect(stage.unentitled).toEqual([]);
    expect(tally.isWorthIt(CRASHES), report).toBe(true);
  });
});
