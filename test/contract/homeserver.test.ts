import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeHomeserver } from './homeserver.contract.ts';

describeHomeserver('simulated', () => startSimulated({ via: 'port' }));
describeHomeserver('Synapse adapter, simulator behind msw', () => startSimulated({ via: 'msw' }));
describeHomeserver('Synapse adapter, simulator on loopback', () => startSimulated({ via: 'http' }));
