import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member, MemberChange } from '../../src/directory/group.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { ListQuery, Store } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;
const ALL: ListQuery = {
  startIndex: 1,
  count: 1000,
  where: {},
  order: { by: 'creation', isDescending: false },
};
/** More than the store changes in one step. */
const FLOOD = Array.from({ length: 1100 }, (_, index) => `m${index}`);

/** Who is meant: the user or group of that number among those there are, or a name that somebody may get. */
type Value = readonly [kind: 'user' | 'group' | 'external', number: number];
type Change = { readonly kind: 'add' | 'remove' | 'replace'; readonly values: readonly Value[] };
type Step =
  | { readonly kind: 'user' | 'rename-user'; readonly number: number; readonly external: number }
  | {
      readonly kind: 'group' | 'add' | 'remove' | 'replace';
      readonly number: number;
      readonly values: readonly Value[];
    }
  | { readonly kind: 'several'; readonly number: number; readonly changes: readonly Change[] }
  | { readonly kind: 'delete-user' | 'delete-group' | 'rename' | 'flood'; readonly number: number };

const number = fc.nat(3);
const value = fc.tuple(fc.constantFrom('user' as const, 'group' as const, 'external' as const), number);
const values = fc.array(value, { maxLength: 4 });
const kind = fc.constantFrom('add' as const, 'remove' as const, 'replace' as const);
const changes = fc.array(fc.record({ kind, values }), { minLength: 2, maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('user' as const), number, external: number }) },
  fc.record({ kind: fc.constant('rename-user' as const), number, external: number }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('group' as const), number, values }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind,
      number,
      values,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('delete-user' as const, 'delete-group' as const, 'rename' as const),
      number,
    }),
  },
  fc.record({ kind: fc.constant('flood' as const), number }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('several' as const), number, changes }) },
);

type Seen = { readonly members: readonly Member[]; readonly shown: string; readonly version: number };

/** Every group with what is shown of it. */
async function groupsIn(store: Store): Promise<ReadonlyMap<ResourceId, Seen>> {
  const { resources } = await store.groups.list(IDP, ALL);
  const seen = new Map<ResourceId, Seen>();
  for (const { id, attributes, version } of resources) {
    const members: Member[] = [];
    for await (const some of store.groups.members(id)) members.push(...some);
    seen.set(id, { members, shown: JSON.stringify([attributes, members]), version });
  }
  return seen;
}

const idsOf = async (list: Store['users' | 'groups']['list']) =>
  (await list(IDP, ALL)).resources.map(({ id }) => id);

/** The one of that number, counted round. */
const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

async function take(store: Store, each: Step, name: string): Promise<void> {
  const [users, groups] = [await idsOf(store.users.list), await idsOf(store.groups.list)];
  const user = pick(users, each.number);
  const group = pick(groups, each.number);
  const valuesOf = (wanted: readonly Value[]) =>
    wanted.flatMap(([kind, at]) =>
      kind === 'external' ? `e${at}` : (pick(kind === 'user' ? users : groups, at) ?? []),
    );
  const change = async (...members: readonly MemberChange[]) => {
    if (group !== undefined)
      await store.groups.update(IDP, group, ({ attributes }) => ({ attributes, members }), 1);
  };
  switch (each.kind) {
    case 'user':
      await store.users.create(IDP, { userName: name, externalId: `e${each.external}` }, 1);
      return;
    case 'rename-user':
      if (user !== undefined)
        await store.users.update(
          IDP,
          user,
          (now) => ({ ...now.attributes, externalId: `e${each.external}` }),
          1,
        );
      return;
    case 'delete-user':
      if (user !== undefined) await store.users.remove(IDP, user, 1);
      return;
    case 'group':
      await store.groups.create(
        IDP,
        { attributes: { displayName: name }, members: valuesOf(each.values) },
        1,
      );
      return;
    case 'delete-group':
      if (group !== undefined) await store.groups.remove(IDP, group, 1);
      return;
    case 'rename':
      if (group !== undefined)
        await store.groups.update(IDP, group, () => ({ attributes: { displayName: name }, members: [] }), 1);
      return;
    case 'several':
      return change(...each.changes.map((one) => ({ kind: one.kind, values: valuesOf(one.values) })));
    case 'flood':
      return change({ kind: 'add', values: FLOOD });
    default:
      return change({ kind: each.kind, values: valuesOf(each.values) });
  }
}

/** The groups of a user, by what is shown of the groups. */
function groupsOf(user: string, groups: ReadonlyMap<ResourceId, Seen>): ReadonlyMap<ResourceId, boolean> {
  const has = (group: Seen, id: string) => group.members.some(({ value: member }) => member === id);
  const found = new Map<ResourceId, boolean>();
  let reached: readonly string[] = [user];
  for (let isDirect = true; reached.length > 0; isDirect = false) {
    const above = [...groups].filter(
      ([id, group]) => !found.has(id) && reached.some((each) => has(group, each)),
    );
    for (const [id] of above) found.set(id, isDirect);
    reached = above.map(([id]) => id);
  }
  return found;
}

describe('whatever is written', () => {
  it('gives a group another version if and only if it looks different, and each user her groups', async () => {
    let [changed, unchanged, memberships] = [0, 0, 0];
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const store = openStore(tempDir());
      let before = await groupsIn(store);
      for (const [index, each] of steps.entries()) {
        await take(store, each, `n${index}`);
        const after = await groupsIn(store);
        for (const [id, { shown, version }] of after) {
          const known = before.get(id);
          if (known === undefined) continue;
          const isSame = known.shown === shown;
          expect([each, version === known.version]).toEqual([each, isSame]);
          expect(version).toBeGreaterThanOrEqual(known.version);
          if (isSame) unchanged += 1;
          else changed += 1;
        }
        before = after;
      }
      const users = await idsOf(store.users.list);
      const found = await store.groups.ofUsers(users);
      for (const user of users) {
        const expected = groupsOf(user, before);
        memberships += expected.size;
        const shown = found.get(user)?.map(({ group, isDirect }) => [group, isDirect] as const);
        expect(new Map(shown)).toEqual(expected);
        expect(shown).toHaveLength(expected.size);
        for (const [group] of expected) {
          const { resources } = await store.users.list(IDP, { ...ALL, where: { group } });
          expect(resources.map(({ id }) => id)).toContain(user);
        }
      }
      await store.close();
    });
    await fc.assert(property, { numRuns: 30, seed: 1 });
    expect(Math.min(changed, unchanged, memberships)).toBeGreaterThan(20);
  }, 60_000);
});
