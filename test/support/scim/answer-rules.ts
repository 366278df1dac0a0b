import { expect } from 'vitest';
import { choices } from './choices.ts';
import type { RawAnswer } from './raw-client.ts';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** RFC 7644 table 9 is about 400; §3.3 has `uniqueness` beside 409, §7.5.2 has `sensitive` beside 403. */
const SCIM_TYPES: Readonly<Record<number, readonly string[]>> = {
  400: choices(
    'invalidFilter|tooMany|uniqueness|mutability|invalidSyntax|invalidPath|noTarget|invalidValue|invalidVers|sensitive',
  ),
  403: ['sensitive'],
  409: ['uniqueness'],
};

/** RFC 7644 §3.12. */
export function expectError(body: unknown, status: number): void {
  const types = SCIM_TYPES[status] ?? [];
  const { scimType, ...rest } = body as Record<string, unknown>;
  expect(rest).toEqual({ schemas: [ERROR], status: String(status), detail: expect.any(String) });
  if (scimType !== undefined) expect(types).toContain(scimType);
}

/** RFC 7644 §3.4.2. */
export function expectList({ totalResults, itemsPerPage, startIndex, Resources }: RawAnswer['json']): void {
  expect(itemsPerPage).toBe(Resources.length);
  expect(startIndex).toBeGreaterThanOrEqual(1);
  expect(totalResults).toBeGreaterThanOrEqual(Resources.length);
  for (const { id, schemas } of Resources)
    expect({ id, schemas }).toEqual({ id: expect.any(String), schemas: expect.any(Array) });
}

/** RFC 7644 §3.7.3: what failed says why, and what did not says where it is. */
export function expectBulk({ Operations }: RawAnswer['json']): void {
  for (const { status, location, response } of Operations) {
    expect(status).toMatch(/^(200|201|204|400|403|404|409|412|501)$/);
    if (Number(status) >= 400) expectError(response, Number(status));
    else expect(location).toEqual(expect.any(String));
  }
}
