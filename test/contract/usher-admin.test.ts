import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { describeServerAdmins } from './usher-admin.contract.ts';

describeServerAdmins('the simulated homeserver', () => startSimulated());
describeServerAdmins('the simulated homeserver with MAS', () => startWithMas());
