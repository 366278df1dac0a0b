import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeUsher } from './usher.contract.ts';

describeUsher('the simulated homeserver', () => startSimulated());
