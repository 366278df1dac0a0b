import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { group, type Send, scimClient, user } from '../support/scim/client.ts';
import {
  type FilterTree,
  holds,
  pathOf,
  printed,
  type Spelling,
  withTexts,
} from '../support/scim/filter-model.ts';
import { emptied, FUZZ_TIMEOUT, fuzzed } from '../support/scim/fuzz.ts';
import { bornAt, groupRest, resourceName, userRest } from '../support/scim/fuzz-directory.ts';
import { brokenFilter, groupFilter, spelling, userFilter } from '../support/scim/fuzz-filters.ts';
import { ordering, type SortKey, sortedPeople, sortKeyOf } from '../support/scim/fuzz-sorting.ts';
import { startScimServer } from '../support/scim/server.ts';

let clock = bornAt(0);
const server = await startScimServer({ now: () => clock });
const send = scimClient(server);
afterAll(() => server.stop());

type Named = readonly (readonly [name: string, rest: object])[];
type Shown = Readonly<Record<string, unknown>> & { readonly id: string };
type Population = { readonly users: Named; readonly groups: Named };

const population: fc.Arbitrary<Population> = fc.record({
  users: fc.uniqueArray(fc.tuple(resourceName, userRest), { minLength: 1, maxLength: 6, selector: keyOf }),
  groups: fc.uniqueArray(fc.tuple(resourceName, groupRest), { maxLength: 3, selector: keyOf }),
});

function keyOf([name]: readonly [string, object]): string {
  return name.normalize('NFC').toLowerCase();
}

/** Makes the users and groups, each at a time of its own; gives what replaces marks by ids. */
async function populate({ users, groups }: Population): Promise<(text: string) => string> {
  await emptied(server.store);
  const ids = new Map<string, string>();
  const filled = (text: string) => text.replaceAll(/\{[ug]\d\}/g, (mark) => ids.get(mark) ?? 'nobody');
  let made = 0;
  const create = async (mark: string, path: string, body: object) => {
    clock = bornAt(made);
    made += 1;
    const answer = await send('POST', path, JSON.parse(filled(JSON.stringify(body))));
    expect(answer).toMatchObject({ status: 201 });
    ids.set(mark, answer.body.id);
  };
  for (const [index, [name, rest]] of users.entries())
    await create(`{u${index}}`, '/Users', user(name, rest));
  for (const [index, [name, rest]] of groups.entries()) {
    const { members } = rest as { members: readonly string[] };
    const body = group(name, { ...rest, members: members.map((value) => ({ value })) });
    await create(`{g${index}}`, '/Groups', body);
  }
  // The last one is changed later, so that `lastModified` is not `created` for all.
  const last = ids.get(`{u${users.length - 1}}`);
  clock = bornAt(made);
  await send('PATCH', `/Users/${last}`, { Operations: [{ op: 'add', path: 'locale', value: 'fr' }] });
  return filled;
}

type Search = Readonly<Record<string, string>>;

/** All pages of what is found, with so many on each. */
async function walked(
  path: string,
  search: Search,
  count: number,
  byPost = false,
): Promise<readonly Shown[]> {
  const found: Shown[] = [];
  let total = 1;
  for (let startIndex = 1; startIndex <= total; startIndex += count) {
    const { status, body } = await ask(
      path,
      { ...search, startIndex: `${startIndex}`, count: `${count}` },
      byPost,
    );
    expect(status).toBe(200);
    total = body.totalResults;
    expect(body.Resources).toHaveLength(Math.max(0, Math.min(count, total - startIndex + 1)));
    found.push(...body.Resources);
  }
  expect(new Set(found.map(({ id }) => id)).size).toBe(total);
  return found;
}

function ask(path: string, search: Search, byPost: boolean): ReturnType<Send> {
  if (!byPost) return send('GET', `${path}?${new URLSearchParams(search)}`);
  const { startIndex, count, ...rest } = search;
  return send('POST', `${path}/.search`, { ...rest, startIndex: Number(startIndex), count: Number(count) });
}

type Question = {
  readonly tree: FilterTree;
  readonly spelling: Spelling;
  readonly count: number;
  readonly byPost: boolean;
};

function questions(tree: fc.Arbitrary<FilterTree>): fc.Arbitrary<readonly Question[]> {
  const count = fc.integer({ min: 1, max: 7 });
  return fc.array(fc.record({ tree, spelling, count, byPost: fc.boolean() }), {
    minLength: 1,
    maxLength: 12,
  });
}

describe('a filter', () => {
  it.each([
    ['/Users', userFilter()],
    ['/Groups', groupFilter()],
  ])(
    'finds exactly those of %s for whom it holds, each on one page',
    async (path, tree) => {
      let hits = 0;
      let misses = 0;
      await fc.assert(
        fc.asyncProperty(population, questions(tree), async (people, asked) => {
          const filled = await populate(people);
          const all = await walked(path, {}, 100);
          for (const question of asked) {
            const expected = all.filter((shown) => holds(withTexts(question.tree, filled), seen(shown)));
            const filter = filled(printed(question.tree, question.spelling));

            const found = await walked(path, { filter }, question.count, question.byPost);

            expect({ filter, found: namesOf(found) }).toEqual({ filter, found: namesOf(expected) });
            hits += found.length;
            misses += all.length - found.length;
          }
        }),
        fuzzed(60),
      );
      expect(Math.min(hits, misses)).toBeGreaterThan(20);
    },
    FUZZ_TIMEOUT,
  );

  it(
    'is refused whole if any part of it is no filter',
    async () => {
      await emptied(server.store);
      const tree = userFilter().map((sound) => printed(sound));
      const around = fc.constantFrom('*', '* or ~', '~ or *', '~ and (*)', 'not (*)', '(* )');
      await fc.assert(
        fc.asyncProperty(tree, brokenFilter, around, async (sound, broken, form) => {
          const filter = form.replace('~', () => sound).replace('*', () => broken);
          const { status, body } = await ask('/Users', { filter }, false);
          expect({ filter, status, scimType: body.scimType }).toEqual({
            filter,
            status: 400,
            scimType: 'invalidFilter',
          });
        }),
        fuzzed(200),
      );
    },
    FUZZ_TIMEOUT,
  );
});

describe('a sorted listing', () => {
  it(
    'has its values in order, and those without one last, or first if it descends',
    async () => {
      let ordered = 0;
      await fc.assert(
        fc.asyncProperty(
          sortedPeople,
          fc.array(ordering, { minLength: 1, maxLength: 5 }),
          async (people, asked) => {
            await populate({ users: people, groups: [] });
            const all = await walked('/Users', {}, 100);
            for (const { by, order, count, byPost } of asked) {
              const search = { sortBy: pathOf(by), ...(order === undefined ? {} : { sortOrder: order }) };

              const whole = await walked('/Users', search, 100, byPost);
              const paged = await walked('/Users', search, count, byPost);

              expect(namesOf(whole).toSorted()).toEqual(namesOf(all).toSorted());
              expect({ search, paged: namesOf(paged) }).toEqual({ search, paged: namesOf(whole) });
              expectInOrder(
                whole.map((shown) => sortKeyOf(shown, by)),
                order === 'descending',
                search,
              );
              ordered += whole.length - 1;
            }
          },
        ),
        fuzzed(60),
      );
      expect(ordered).toBeGreaterThan(20);
    },
    FUZZ_TIMEOUT,
  );
});

function expectInOrder(keys: readonly SortKey[], isDescending: boolean, search: Search): void {
  const ascending = isDescending ? keys.toReversed() : keys;
  const present = ascending.filter((key) => key !== undefined);
  expect({ search, keys: ascending.slice(0, present.length) }).toEqual({ search, keys: present });
  for (const [index, key] of present.slice(1).entries()) {
    const before = present[index] ?? key;
    expect({ search, keys, isOrdered: before <= key }).toEqual({ search, keys, isOrdered: true });
  }
}

/** As a filter sees it: whoever is not said to be inactive is active. */
function seen(shown: Shown): Shown {
  return { active: true, ...shown };
}

function namesOf(shown: readonly Shown[]): readonly unknown[] {
  return shown.map(({ userName, displayName }) => userName ?? displayName);
}
