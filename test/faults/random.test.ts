import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FAULTS, KINDS } from '../support/faults.ts';
import { pick, randomFrom } from '../support/scim/random.ts';
import { expectRight, openStage } from './stage.ts';

const RUNS = Number(process.env.FAULT_RUNS ?? 4);
const SEED = Number(process.env.FAULT_SEED ?? 1);
/** Only at a connection as a whole can nobody listen; and that a kick was made is said by nothing but `{}`. */
const ANY = KINDS.filter((kind) => FAULTS[kind].when !== 'never' && kind !== 'JSON: {}');
const SPELL_MS = 6_000;

it.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  'becomes right after all sorts of faults here and there (FAULT_SEED=%i)',
  async (seed) => {
    const random = randomFrom(seed);
    const share = 0.1 + random() * 0.5;
    const stage = await openStage(2);
    const { proxy, usher, wrongs } = stage;
    const [first, second] = [await stage.scene(0), await stage.scene(1)];
    await proxy.inject(() => (random() < share ? pick(random, ANY) : undefined));
    await first.play();
    usher.service.loop.requestPass();
    await delay(SPELL_MS / 2);
    await second.play();
    await delay(SPELL_MS / 2);
    expect([await first.forgotten(), await second.forgotten()]).toEqual([[], []]);
    expect(wrongs()).toEqual([]);
    const injected = ANY.reduce((sum, kind) => sum + proxy.injected(kind), 0);
    expect(injected).toBeGreaterThan(5);
    await proxy.heal();
    await expectRight(stage, first, 45);
    await expectRight(stage, second, 45);
  },
);
