import type { Kind } from '../support/faults.ts';

/** All faults, in as many files as may run at once: what takes long in them is waiting. */
export const CONNECTIONS: readonly Kind[] = [
  'refused',
  'reset before the answer',
  'reset in the middle of the answer',
  'reset in place of the answer',
  'no answer',
  'no answer to what was done',
];
export const REFUSALS: readonly Kind[] = [
  '429 with retry_after_ms',
  '429 with Retry-After',
  '429 without a time',
  '500',
  '502 in HTML',
  '503',
];
export const ANSWERS: readonly Kind[] = [
  'JSON: []',
  'JSON: null',
  'JSON: "x"',
  'JSON: {}',
  'truncated JSON',
  'an answer without end',
];
export const DETOURS: readonly Kind[] = [
  'slow drip',
  '401',
  'redirect 301',
  'redirect 302',
  'redirect 307',
  'a login page',
];
