import { describeServerAdmins } from '../contract/usher-admin.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeServerAdmins('a real Synapse', startSynapse);
