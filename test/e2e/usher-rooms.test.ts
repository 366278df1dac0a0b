import { describeUsherInRooms } from '../contract/usher-rooms.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeUsherInRooms('a real Synapse', startSynapse);
