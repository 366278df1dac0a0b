import { expect, it } from 'vitest';
import { KINDS } from '../support/faults.ts';
import { ANSWERS, CONNECTIONS, DETOURS, REFUSALS } from './families.ts';

it('has each fault in one of the files', () => {
  expect([...CONNECTIONS, ...REFUSALS, ...ANSWERS, ...DETOURS].toSorted()).toEqual(KINDS.toSorted());
});
