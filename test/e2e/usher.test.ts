import { describeUsher } from '../contract/usher.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeUsher('a real Synapse', startSynapse);
