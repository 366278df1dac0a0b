import { describeSynapseFacts } from '../contract/synapse-facts.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeSynapseFacts('Synapse', startSynapse);
