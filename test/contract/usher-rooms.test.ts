import { startSimulated } from '../support/homeserver/simulated.ts';
import { describeUsherInRooms } from './usher-rooms.contract.ts';

describeUsherInRooms('the simulated homeserver', () => startSimulated());
