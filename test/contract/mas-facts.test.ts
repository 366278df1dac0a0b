import { type SimulatedMasOptions, startSimulatedMas } from '../support/homeserver/simulated-mas.ts';
import { describeMasFacts } from './mas-facts.contract.ts';

const start = (options: SimulatedMasOptions) => async () => {
  const { url, mas, ...server } = await startSimulatedMas(options);
  return { ...server, synapseUrl: url, settle: async () => mas.jobs.run() };
};

describeMasFacts('simulated', start({ via: 'http' }));
describeMasFacts('simulated, before Synapse 1.163', start({ via: 'msw', makesTrapAccounts: true }));
