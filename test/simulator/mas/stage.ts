import { onTestFinished } from 'vitest';
import { callsOf } from '../../contract/mas-facts.ts';
import { type SimulatedMasOptions, startSimulatedMas } from '../../support/homeserver/simulated-mas.ts';

/** A simulated MAS with its Synapse, a clock that stands, and what a client asks of both. */
export async function startStage(options: SimulatedMasOptions = {}) {
  let time = Date.parse('2026-11-23T00:00:00Z');
  const server = await startSimulatedMas({ via: 'msw', now: () => time, ...options });
  onTestFinished(() => server.close());
  let names = 0;
  const fresh = (name: string) => {
    names += 1;
    return `${name}${names}`;
  };
  const settle = async () => server.mas.jobs.run();
  const calls = () => callsOf({ server: { ...server, synapseUrl: server.url, settle }, fresh });
  return {
    ...{ server, fresh, calls, mas: server.mas, world: server.world },
    ...calls(),
    now: () => time,
    /** Tokens of before may have ended then: `calls` makes anew what asks with fresh ones. */
    advance(ms: number) {
      time += ms;
    },
  };
}
