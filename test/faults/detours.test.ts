import { describeFaults } from './every-fault.ts';
import { DETOURS } from './families.ts';

describeFaults(DETOURS);
