import { GROUPS } from './story.ts';

type Pushed = { readonly id: string; isActive: boolean; name: number };
type Bundle = {
  readonly id: string;
  readonly people: Set<number>;
  readonly inner: Set<number>;
  name: string;
};

/** Group 3 is of the source `hr`, the others are of `idp`. */
export const sourceOf = (group: number): 'idp' | 'hr' => (group === GROUPS - 1 ? 'hr' : 'idp');

/** What the provider pushed, kept apart from the store. */
export function createDirectory() {
  const users = { idp: new Map<number, Pushed>(), hr: new Map<number, Pushed>() };
  const groups = new Map<number, Bundle>();

  const containing = (inner: number): readonly number[] =>
    [...groups].filter(([, group]) => group.inner.has(inner)).map(([number]) => number);

  return {
    users,
    groups,
    isActive: (person: number): boolean =>
      users.idp.get(person)?.isActive === true || users.hr.get(person)?.isActive === true,
    exists: (person: number): boolean => users.idp.has(person) || users.hr.has(person),
    /** The groups of a person's active users, through nested ones too. */
    groupsOf(person: number): ReadonlySet<number> {
      const found = new Set<number>();
      const next = [...groups]
        .filter(
          ([number, group]) => users[sourceOf(number)].get(person)?.isActive && group.people.has(person),
        )
        .map(([number]) => number);
      for (let each = next.pop(); each !== undefined; each = next.pop()) {
        if (found.has(each)) continue;
        found.add(each);
        next.push(...containing(each));
      }
      return found;
    },
  };
}

export type Directory = ReturnType<typeof createDirectory>;
