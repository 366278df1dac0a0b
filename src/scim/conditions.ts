import { text } from '../directory/resource.ts';
import type { Filter } from './filter.ts';
import type { ResourceType } from './schema/resource-type.ts';

/** Equality tests that an index of the store answers; all must hold. */
export type Conditions = {
  readonly id?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly group?: string;
  readonly member?: string;
};

/** A filter in two halves: what an index answers, and what is then asked of each resource that is left. */
export type SplitFilter = { readonly where: Conditions; readonly rest: Filter | undefined };

/** `isWhole`: the index answers all of the filter, and not only who comes into question. */
type Condition = { readonly key: keyof Conditions; readonly value: string; readonly isWhole: boolean };

/** The index for each path. */
const INDEXES: Record<ResourceType['name'], Readonly<Record<string, keyof Conditions>>> = {
  User: {
    id: 'id',
    userName: 'userName',
    displayName: 'displayName',
    externalId: 'externalId',
    'emails.value': 'email',
    'groups.value': 'group',
  },
  Group: { id: 'id', displayName: 'displayName', externalId: 'externalId', 'members.value': 'member' },
};

/** Splits a filter, so that as few resources as possible have to be looked at. */
export function splitFilter(filter: Filter | undefined, type: ResourceType): SplitFilter {
  if (filter === undefined) return { where: {}, rest: undefined };
  const where = new Map<keyof Conditions, string>();
  const rest = partsOf(filter).filter((part) => {
    const condition = conditionOf(part, type);
    if (condition === undefined || where.has(condition.key)) return true;
    where.set(condition.key, condition.value);
    return !condition.isWhole;
  });
  return { where: Object.fromEntries(where), rest: conjunction(rest) };
}

function partsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'and' ? filter.filters.flatMap(partsOf) : [filter];
}

function conjunction(filters: readonly Filter[]): Filter | undefined {
  return filters.length > 1 ? { kind: 'and', filters } : filters[0];
}

function conditionOf(filter: Filter, type: ResourceType): Condition | undefined {
  if (filter.kind === 'some') {
    const parts = partsOf(filter.filter);
    const [found] = parts.flatMap((part) => equality(part, filter.steps, type) ?? []);
    return found && { ...found, isWhole: parts.length === 1 };
  }
  const found = equality(filter, [], type);
  return found && { ...found, isWhole: true };
}

function equality(
  filter: Filter,
  before: readonly string[],
  type: ResourceType,
): Omit<Condition, 'isWhole'> | undefined {
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return undefined;
  const path = [...before, ...filter.steps].join('.');
  const key = Object.hasOwn(INDEXES[type.name], path) ? INDEXES[type.name][path] : undefined;
  // The indexes have no blank values.
  const value = text(filter.value);
  return key && value !== undefined ? { key, value } : undefined;
}

/** The text that a filter wants the attribute to equal, if that is all it wants. */
export function equalTo(filter: Filter, path: string): string | undefined {
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || filter.steps.join('.') !== path)
    return undefined;
  return String(filter.value);
}

/** How many comparisons a filter is made of. */
export function termsIn(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, part) => sum + termsIn(part), 0);
    case 'not':
    case 'some':
      return termsIn(filter.filter);
    default:
      return 1;
  }
}

/** The paths that a filter asks about. */
export function mentioned(filter: Filter): readonly (readonly string[])[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(mentioned);
    case 'not':
      return mentioned(filter.filter);
    case 'some':
      return mentioned(filter.filter).map((steps) => [...filter.steps, ...steps]);
    default:
      return [filter.steps];
  }
}
