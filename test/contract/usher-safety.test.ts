import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { describeSafety } from './usher-safety.contract.ts';

describeSafety('the simulated homeserver', () => startSimulated());
describeSafety('the simulated homeserver with MAS', () => startWithMas());
