import fc, { type Arbitrary } from 'fast-check';
import { among, some } from './choices.ts';
import { ENTERPRISE } from './client.ts';
import { comparable, type Subject, valuesAt } from './filter-model.ts';

/** RFC 7644 §3.4.2.3, asked for users. */
export type Ordering = {
  readonly by: Subject;
  /** Undefined is ascending. */
  readonly order: 'ascending' | 'descending' | undefined;
  readonly count: number;
  readonly byPost: boolean;
};

export type SortKey = ReturnType<typeof comparable> | undefined;

const BY: readonly Subject[] = [
  { steps: ['userName'], type: 'text' },
  { steps: ['displayName'], type: 'text' },
  { steps: ['name', 'familyName'], type: 'text' },
  { steps: ['emails', 'value'], type: 'text' },
  { steps: [ENTERPRISE, 'employeeNumber'], type: 'text' },
  { steps: ['externalId'], type: 'exact' },
  { steps: ['id'], type: 'exact' },
  { steps: ['meta', 'created'], type: 'time' },
  { steps: ['meta', 'lastModified'], type: 'time' },
];

/** Letters and digits of ASCII: every "Unicode alphabetic order" has them in the same order, if case is ignored. */
const text = among('a|A|ab|AB|B|b|c1|C10|c2|7|10');
const exact = among('a|ab|b|c1|7|10');

const email = fc.record({ value: text, primary: fc.boolean() });
const emails = fc
  .array(email, { maxLength: 3 })
  .filter((list) => list.filter(({ primary }) => primary).length < 2);

export const sortedPeople: Arbitrary<readonly (readonly [name: string, rest: object])[]> = fc.uniqueArray(
  fc.tuple(
    fc.tuple(text, text).map((parts) => parts.join('')),
    fc.record({
      displayName: some(text),
      externalId: some(exact),
      name: some(fc.record({ familyName: text })),
      emails: some(emails),
      [ENTERPRISE]: some(fc.record({ employeeNumber: text })),
    }),
  ),
  { minLength: 2, maxLength: 8, selector: ([name]) => name.toLowerCase() },
);

export const ordering: Arbitrary<Ordering> = fc.record({
  by: fc.constantFrom(...BY),
  order: fc.constantFrom('ascending', 'descending', undefined),
  count: fc.integer({ min: 1, max: 4 }),
  byPost: fc.boolean(),
});

/** What a user is sorted by: of a list, the primary value, else the first; undefined if there is nothing. */
export function sortKeyOf(shown: object, { steps, type }: Subject): SortKey {
  const [first = '', ...rest] = steps;
  const [top] = [new Map(Object.entries(shown)).get(first)];
  const one = Array.isArray(top) ? (top.find(({ primary }) => primary === true) ?? top[0]) : top;
  const [value] = valuesAt(one, rest);
  return value === undefined ? undefined : comparable(value, type);
}
