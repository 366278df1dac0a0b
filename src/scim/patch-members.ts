import type { GroupChange, Member, MemberChange } from '../directory/group.ts';
import type { Attributes } from '../directory/resource.ts';
import { assertShort } from './attributes.ts';
import { equalTo, mentioned } from './conditions.ts';
import { invalidValue, ScimError } from './error.ts';
import { matcher } from './evaluate.ts';
import type { Filter } from './filter.ts';
import { isObject } from './json.ts';
import { isAbout, type Operation } from './patch.ts';
import { patchAttributes } from './patch-attributes.ts';
import { groupType } from './schema/resource-type.ts';

/**
 * What a PATCH makes of a group. The list of members is never read: the changes to it are handed on as they are, so
 * that adding one member costs the same whatever the size of the group.
 * Throws as `patchAttributes` does.
 */
export function patchGroup(attributes: Attributes, operations: readonly Operation[]): GroupChange {
  const others = operations.filter((operation) => !isAbout(operation, 'members'));
  return { attributes: patchAttributes(attributes, others, groupType), members: memberChanges(operations) };
}

/** Throws `ScimError` 400. */
function memberChanges(operations: readonly Operation[]): readonly MemberChange[] {
  return merged(operations.filter((operation) => isAbout(operation, 'members')).map(memberChange));
}

/** The ids in a list of members; the rest of what a member says (display, type, $ref) follows from the id. */
export function memberValues(members: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(members) ? members : [];
  return [...new Set(list.map(memberValue))];
}

function memberValue(member: unknown): string {
  const value = isObject(member) ? member.value : undefined;
  if (typeof value !== 'string' || value.trim() === '') {
    throw invalidValue('A member has a value: the id of a user or group');
  }
  assertShort(value, 'The value of a member');
  return value;
}

function memberChange(operation: Operation): MemberChange {
  const [{ filter }, part] = operation.path;
  if (part !== undefined) throw unchangeable();
  if (operation.kind === 'remove') {
    return filter === undefined ? { kind: 'replace', values: [] } : removal(filter);
  }
  if (filter !== undefined) throw unchangeable();
  return { kind: operation.kind, values: memberValues(operation.value) };
}

function unchangeable(): ScimError {
  return new ScimError(400, 'mutability', 'A member is added or removed as a whole');
}

function removal(filter: Filter): MemberChange {
  const values = valuesWanted(filter);
  if (values !== undefined) return { kind: 'remove', values };
  if (mentioned(filter).some(([name]) => name === '$ref'))
    throw new ScimError(400, 'invalidFilter', 'Members are chosen by value or type');
  const meets = matcher(filter);
  return { kind: 'remove-matching', matches: (member) => meets(documentOf(member)) };
}

/** The ids that a filter names, if it is nothing but a choice of ids. */
export function valuesWanted(filter: Filter): readonly string[] | undefined {
  if (filter.kind !== 'or') {
    const value = equalTo(filter, 'value');
    return value === undefined ? undefined : [value];
  }
  const choices = filter.filters.map(valuesWanted);
  return choices.some((choice) => choice === undefined)
    ? undefined
    : choices.flatMap((choice) => choice ?? []);
}

function documentOf({ value, type }: Member) {
  return type === 'unknown' ? { value } : { value, type };
}

/** Authentik sends one operation for each member: neighbours of one kind become one change. */
function merged(changes: readonly MemberChange[]): readonly MemberChange[] {
  const result: MemberChange[] = [];
  let open: { readonly kind: 'add' | 'remove'; readonly values: string[] } | undefined;
  for (const change of changes) {
    if (change.kind === 'replace' || change.kind === 'remove-matching') {
      open = undefined;
      result.push(change);
    } else if (open?.kind === change.kind) {
      for (const value of change.values) open.values.push(value);
    } else {
      open = { kind: change.kind, values: [...change.values] };
      result.push(open);
    }
  }
  return result;
}
