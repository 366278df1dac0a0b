/** What one provider pushed, as far as the crash tests look: people by user name, groups by external id. */
export type Domain = {
  readonly users: ReadonlyMap<string, PersonState>;
  readonly groups: ReadonlyMap<string, GroupState>;
};

/** A write gives all of them the same text, so that half of one shows. */
export type PersonState = {
  readonly displayName: string;
  readonly formatted: string;
  readonly email: string;
  readonly active: boolean;
};

/** Members are user names. */
export type GroupState = { readonly displayName: string; readonly members: ReadonlySet<string> };

/** What one request, or one operation of a bulk request, makes of a domain. */
export type Step = (before: Domain) => Domain;

export const NOTHING: Domain = { users: new Map(), groups: new Map() };

export function saveUser(userName: string, person: PersonState): Step {
  return ({ users, groups }) => ({ users: new Map(users).set(userName, person), groups });
}

/** She is in no group any more, too. */
export function removeUser(userName: string): Step {
  return ({ users, groups }) => ({
    users: new Map([...users].filter(([name]) => name !== userName)),
    groups: new Map(
      [...groups].map(([key, group]) => [
        key,
        group.members.has(userName)
          ? { ...group, members: group.members.difference(new Set([userName])) }
          : group,
      ]),
    ),
  });
}

export function saveGroup(key: string, change: (before: GroupState | undefined) => GroupState): Step {
  return ({ users, groups }) => ({ users, groups: new Map(groups).set(key, change(groups.get(key))) });
}

export function removeGroup(key: string): Step {
  return ({ users, groups }) => ({ users, groups: new Map([...groups].filter(([other]) => other !== key)) });
}

/** The domain after none, one, … and all of the steps: what a crash may leave. */
export function statesAfter(domain: Domain, steps: readonly Step[]): readonly Domain[] {
  const states = [domain];
  let state = domain;
  for (const step of steps) {
    state = step(state);
    states.push(state);
  }
  return states;
}

/** The same text for the same domain. */
export function textOf({ users, groups }: Domain): string {
  return JSON.stringify({
    users: [...users].toSorted(byKey),
    groups: [...groups]
      .toSorted(byKey)
      .map(([key, { displayName, members }]) => [key, displayName, [...members].toSorted()]),
  });
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : Number(left > right);
}
