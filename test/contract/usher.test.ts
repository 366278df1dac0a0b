import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { describeUsher } from './usher.contract.ts';

describeUsher('the simulated homeserver', () => startSimulated());
describeUsher('the simulated homeserver with MAS', () => startWithMas());
