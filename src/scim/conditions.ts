import { ScimError } from './error.ts';
import type { Filter } from './filter.ts';
import type { ResourceType } from './schema/resource-type.ts';

/** Equality tests that an index of the store answers; all must hold. */
export type Conditions = {
  readonly id?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly externalId?: string;
  readonly member?: string;
};

/** A filter in two halves: what an index answers, and what is then asked of each resource that is left. */
export type SplitFilter = { readonly where: Conditions; readonly rest: Filter | undefined };

type Condition = readonly [key: keyof Conditions, value: string];

const INDEXED: Record<ResourceType['name'], readonly (keyof Conditions)[]> = {
  User: ['id', 'userName', 'externalId'],
  Group: ['id', 'displayName', 'externalId'],
};

/** Kept apart from the attributes, so that no filter sees them. */
const ELSEWHERE: Record<ResourceType['name'], string> = { User: 'groups', Group: 'members' };

/**
 * Splits a filter. Throws `ScimError` 400 `invalidFilter` if it asks for members (or a user's groups) in a way
 * that no index answers, since to list everything or nothing instead would be a lie.
 */
export function splitFilter(filter: Filter | undefined, type: ResourceType): SplitFilter {
  if (filter === undefined) return { where: {}, rest: undefined };
  const parts = filter.kind === 'and' ? filter.filters : [filter];
  const where = new Map<keyof Conditions, string>();
  const rest = parts.filter((part) => {
    const [key, value] = conditionOf(part, type) ?? [];
    if (key === undefined || value === undefined || where.has(key)) return true;
    where.set(key, value);
    return false;
  });
  const [first] = rest;
  if (first === undefined) return { where: Object.fromEntries(where), rest: undefined };
  if (rest.some((part) => mentions(part, ELSEWHERE[type.name]))) {
    throw new ScimError(400, 'invalidFilter', `${ELSEWHERE[type.name]} cannot be filtered like this`);
  }
  return {
    where: Object.fromEntries(where),
    rest: rest.length === 1 ? first : { kind: 'and', filters: rest },
  };
}

function conditionOf(filter: Filter, type: ResourceType): Condition | undefined {
  if (type.name === 'Group') {
    const member = memberOf(filter);
    if (member !== undefined) return ['member', member];
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.steps.length !== 1) return undefined;
  const key = INDEXED[type.name].find((name) => name === filter.steps[0]);
  return key !== undefined && typeof filter.value === 'string' ? [key, filter.value] : undefined;
}

/** `members eq "x"`, `members.value eq "x"` and `members[value eq "x"]`. */
function memberOf(filter: Filter): string | undefined {
  if (filter.kind === 'some') {
    return filter.steps.join('.') === 'members' ? equalTo(filter.filter, 'value') : undefined;
  }
  return equalTo(filter, 'members.value');
}

/** The text that a filter wants the attribute to equal, if that is all it wants. */
export function equalTo(filter: Filter, path: string): string | undefined {
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.steps.join('.') !== path)
    return undefined;
  return String(filter.value);
}

export function mentions(filter: Filter, name: string): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some((part) => mentions(part, name));
    case 'not':
      return mentions(filter.filter, name);
    default:
      return filter.steps[0] === name;
  }
}
