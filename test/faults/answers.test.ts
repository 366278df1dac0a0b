import { describeFaults } from './every-fault.ts';
import { ANSWERS } from './families.ts';

describeFaults(ANSWERS);
