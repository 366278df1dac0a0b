import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { describeUsherWords } from './usher-words.contract.ts';

describeUsherWords('the simulated homeserver', () => startSimulated());
describeUsherWords('the simulated homeserver with MAS', () => startWithMas());
