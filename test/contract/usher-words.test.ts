import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeUsherWords } from './usher-words.contract.ts';

describeUsherWords('the simulated homeserver', () => startSimulated());
