import { describeSafety } from '../contract/usher-safety.contract.ts';
import { startSynapse } from '../support/homeserver/synapse.ts';

describeSafety('a real Synapse', startSynapse);
