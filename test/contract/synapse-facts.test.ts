import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeSynapseFacts } from './synapse-facts.contract.ts';

describeSynapseFacts('simulated', () => startSimulated({ via: 'http' }));
