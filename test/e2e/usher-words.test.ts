import { describeUsherWords } from '../contract/usher-words.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeUsherWords('a real Synapse', startSynapse);
