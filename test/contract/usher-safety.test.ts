import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeSafety } from './usher-safety.contract.ts';

describeSafety('the simulated homeserver', () => startSimulated());
