import fc, { type Arbitrary } from 'fast-check';
import { choices, compact, some } from './choices.ts';
import { ENTERPRISE } from './client.ts';

/** Marks that stand for ids: of the n-th user, of the n-th group. */
export const ID_MARKS = ['{u0}', '{u1}', '{u2}', '{g0}', '{g1}'] as const;

/** Milliseconds since 1970 at which the n-th resource is made. */
export function bornAt(index: number): number {
  return Date.UTC(2026, 0, 1) + index * 60_000;
}

const TEXTS = choices(
  'ann|ANN|Ann Lee|bob|b|straße|STRASSE|İnci|inci|é|e\u0301|É|ﬁ|K|😀|a"b|a\\b|%|_|[|)| and |true|null|5',
  '+49 30|a\u0001b|\u00e4\n|a@x.example',
);
export const EXACT = ['e1', 'E1', 'e10', 'é', 'e\u0301', 'true', '12345'];
export const TYPES = ['work', 'home', 'WORK'];

const text = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
);
export const loose = fc.oneof({ weight: 8, arbitrary: text }, { weight: 1, arbitrary: fc.constant('') });

const plural = fc
  .record({
    value: text,
    type: some(fc.constantFrom(...TYPES)),
    primary: some(fc.boolean()),
    display: some(loose),
  })
  .map(compact);

/** What a user has beside her name. */
export const userRest: Arbitrary<object> = fc
  .record({
    externalId: some(fc.constantFrom(...EXACT)),
    active: some(fc.boolean()),
    displayName: some(loose),
    title: some(loose),
    name: some(fc.record({ givenName: some(loose), familyName: some(text) }).map(compact)),
    emails: some(fc.array(plural, { maxLength: 3 })),
    phoneNumbers: some(fc.array(plural, { maxLength: 2 })),
    [ENTERPRISE]: some(
      fc
        .record({
          employeeNumber: some(text),
          manager: some(fc.record({ value: fc.constantFrom(...EXACT) })),
        })
        .map(compact),
    ),
  })
  .map(compact);

export const groupRest: Arbitrary<{ readonly members: readonly string[] }> = fc
  .record({
    externalId: some(fc.constantFrom(...EXACT)),
    members: fc.uniqueArray(fc.constantFrom(...ID_MARKS, 'nobody'), { maxLength: 4 }),
  })
  .map(({ members, externalId }) => ({ members, ...(externalId === undefined ? {} : { externalId }) }));

export const resourceName: Arbitrary<string> = text.filter((name) => name.trim() !== '');
