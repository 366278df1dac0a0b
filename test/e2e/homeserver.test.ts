import { describeHomeserver } from '../contract/homeserver.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeHomeserver('Synapse', startSynapse);
