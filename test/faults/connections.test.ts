import { describeFaults } from './every-fault.ts';
import { CONNECTIONS } from './families.ts';

describeFaults(CONNECTIONS);
