import { describeFaults } from './every-fault.ts';
import { REFUSALS } from './families.ts';

describeFaults(REFUSALS);
