import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { describeUsherInRooms } from './usher-rooms.contract.ts';

describeUsherInRooms('the simulated homeserver', () => startSimulated());
describeUsherInRooms('the simulated homeserver with MAS', () => startWithMas());
