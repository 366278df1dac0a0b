import { describe, expect, it } from 'vitest';
import { createPauses, type Pause } from '../../src/reconcile/pauses.ts';

/** With a clock of its own, and no luck in how long is waited. */
function waiting() {
  const clock = { now: 1_000_000 };
  const told: (Pause | 'resumed')[] = [];
  const pauses = createPauses({
    now: () => clock.now,
    random: () => 0,
    listener: { paused: (pause) => told.push(pause), resumed: () => told.push('resumed') },
  });
  return {
    pauses,
    told,
    pass(ms: number) {
      clock.now += ms;
    },
    left: () => (pauses.current()?.until ?? 0) - clock.now,
  };
}

const DOWN = { kind: 'unavailable', message: 'no answer' } as const;

describe('a pause', () => {
  it('is none before anything went wrong, and ends when something is answered', () => {
    const { pauses, told } = waiting();
    pauses.end();
    expect([pauses.isPaused(), pauses.current(), told]).toEqual([false, undefined, []]);
    pauses.begin(DOWN);
    expect(pauses.isPaused()).toBe(true);
    pauses.end();
    expect([pauses.isPaused(), pauses.current(), told.at(-1)]).toEqual([false, undefined, 'resumed']);
  });

  it('lasts a second, then twice as long each time, up to a minute', () => {
    const { pauses, pass, left } = waiting();
    const waits = Array.from({ length: 8 }, () => {
      pauses.begin(DOWN);
      const wait = left();
      pass(wait - 1);
      expect(pauses.isPaused()).toBe(true);
      pass(1);
      expect(pauses.isPaused()).toBe(false);
      return wait;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is short again after something was answered', () => {
    const { pauses, pass, left } = waiting();
    pauses.begin(DOWN);
    pass(1000);
    pauses.begin(DOWN);
    pauses.end();
    pauses.begin(DOWN);
    expect(left()).toBe(1000);
  });

  it('lasts as long as the homeserver asks for, if that is longer', () => {
    const { pauses, pass, left } = waiting();
    pauses.begin({ ...DOWN, retryAfterMs: 5000 });
    expect(left()).toBe(5000);
    pass(5000);
    pauses.begin({ ...DOWN, retryAfterMs: 100 });
    expect(left()).toBe(2000);
  });

  it('is one for all that goes wrong while it lasts', () => {
    const { pauses, told, left } = waiting();
    pauses.begin(DOWN);
    pauses.begin({ kind: 'unauthorised', message: 'the token is unknown', retryAfterMs: 9000 });
    expect(left()).toBe(1000);
    expect(pauses.current()).toMatchObject(DOWN);
    expect(told).toHaveLength(1);
  });

  it('is told once for each outage, and when its kind changes', () => {
    const { pauses, told, pass } = waiting();
    pauses.begin(DOWN);
    pass(1000);
    pauses.begin({ ...DOWN, message: 'still none' });
    expect(pauses.current()).toMatchObject({ message: 'still none' });
    pass(2000);
    pauses.begin({ kind: 'unauthorised', message: 'the token is unknown' });
    pauses.end();
    pauses.begin({ kind: 'unauthorised', message: 'the token is unknown' });
    expect(told.map((each) => (each === 'resumed' ? each : each.kind))).toEqual([
      'unavailable',
      'unauthorised',
      'resumed',
      'unauthorised',
    ]);
  });
});
