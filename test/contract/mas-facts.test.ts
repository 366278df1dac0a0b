import { startSimulatedMas } from '../support/homeserver/simulated-mas.ts';
import { describeMasFacts } from './mas-facts.contract.ts';

describeMasFacts('simulated', async () => {
  const { url, mas, ...server } = await startSimulatedMas();
  return { ...server, synapseUrl: url, settle: async () => mas.jobs.run() };
});
