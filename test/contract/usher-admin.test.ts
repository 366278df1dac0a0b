import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeServerAdmins } from './usher-admin.contract.ts';

describeServerAdmins('the simulated homeserver', () => startSimulated());
