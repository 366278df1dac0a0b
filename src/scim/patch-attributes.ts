import { isDeepStrictEqual } from 'node:util';
import type { Attributes } from '../directory/resource.ts';
import { assertFew, assertStorable, withCoreSchema, withExtensions } from './attributes.ts';
import { ScimError } from './error.ts';
import { matcher } from './evaluate.ts';
import type { Filter } from './filter.ts';
import { isObject, type JsonObject, omit } from './json.ts';
import type { Operation } from './patch.ts';
import type { Step } from './path.ts';
import { type Attribute, attributeNamed, subAttributesOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';

/**
 * The attributes after all operations, in their order (RFC 7644 §3.5.2). Nothing given is changed, and only own
 * properties are read and written, so that no name reaches a prototype.
 * Throws `ScimError` 400 `noTarget`, or `invalidValue` for a required attribute left blank or a list too long.
 */
export function patchAttributes(
  attributes: Attributes,
  operations: readonly Operation[],
  type: ResourceType,
): Attributes {
  const result = operations.reduce<JsonObject>(
    (current, operation) => changed(current, operation.path, operation),
    attributes,
  );
  assertStillThere(result, type);
  assertStorable(result, type);
  return withExtensions(withCoreSchema(result, type), type);
}

/** Throws `ScimError` 400 `mutability` if a required attribute was removed, and not added again (RFC 7644 §3.5.2.2). */
function assertStillThere(attributes: Attributes, { schema }: ResourceType): void {
  const gone = schema.attributes.find(({ name, required }) => required && !Object.hasOwn(attributes, name));
  if (gone !== undefined) throw new ScimError(400, 'mutability', `${gone.name} is required`);
}

function changed(object: JsonObject, [step, ...rest]: readonly Step[], operation: Operation): JsonObject {
  if (step === undefined) return object;
  const current = Object.hasOwn(object, step.name) ? object[step.name] : undefined;
  const next = nextValue(current, step, rest, operation);
  assertFew(next, step.name);
  return next === undefined ? omit(object, [step.name]) : { ...object, [step.name]: next };
}

/** What the attribute becomes; undefined: nothing is left of it. */
function nextValue(current: unknown, step: Step, rest: readonly Step[], operation: Operation): unknown {
  const { attribute, filter } = step;
  if (filter !== undefined) return nextChosen(listOf(current), filter, rest, operation);
  if (rest.length === 0) return nextLeaf(current, step, operation);
  if (attribute?.multiValued) return nextEach(listOf(current), rest, operation);
  const inner = current ?? {};
  return isObject(inner) ? assigned(changed(inner, rest, operation)) : inner;
}

function nextLeaf(current: unknown, { attribute }: Step, operation: Operation): unknown {
  if (operation.kind === 'remove') return undefined;
  const { kind, value } = operation;
  if (attribute?.multiValued) {
    const next = kind === 'add' ? withAdded(listOf(current), listOf(value)) : listOf(value);
    return assigned(onePrimary(next, kind === 'add' ? listOf(current) : []));
  }
  if (attribute?.type === 'complex' && isObject(value)) {
    return assigned(withParts(isObject(current) ? current : {}, value, attribute));
  }
  return value;
}

/** Of a complex attribute, only the sub-attributes sent are changed (RFC 7644 §3.5.2.1 and §3.5.2.3). */
function withParts(current: JsonObject, sent: JsonObject, whole: Attribute): JsonObject {
  const parts = Object.entries(sent).map(([name, value]) => {
    const attribute = attributeNamed(subAttributesOf(whole), name);
    const before = Object.hasOwn(current, name) ? current[name] : undefined;
    const isInParts = attribute?.type === 'complex' && !attribute.multiValued && isObject(value);
    return [name, isInParts ? assigned(withParts(isObject(before) ? before : {}, value, attribute)) : value];
  });
  const next: JsonObject = { ...current, ...Object.fromEntries(parts) };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined));
}

/** A sub-attribute of all values, such as `emails.type`. */
function nextEach(values: readonly unknown[], rest: readonly Step[], operation: Operation): unknown {
  if (values.length === 0) {
    return operation.kind === 'remove' ? undefined : [changed({}, rest, operation)];
  }
  const next = values.map((value) => (isObject(value) ? changed(value, rest, operation) : value));
  return assigned(onePrimary(next, values).filter(isSomething));
}

function nextChosen(
  values: readonly unknown[],
  filter: Filter,
  rest: readonly Step[],
  operation: Operation,
): unknown {
  const meets = matcher(filter);
  const isChosen = (value: unknown): value is JsonObject => isObject(value) && meets(value);
  if (operation.kind === 'remove') {
    const left = rest.length > 0 ? values : values.filter((value) => !isChosen(value));
    const next = left.map((value) => (isChosen(value) ? changed(value, rest, operation) : value));
    return assigned(next.filter(isSomething));
  }
  const next = values.some(isChosen)
    ? values.map((value) => (isChosen(value) ? changedValue(value, rest, operation) : value))
    : [...values, madeValue(filter, rest, operation)];
  return assigned(onePrimary(next, values).filter(isSomething));
}

/** The value that a filter describes, with what was sent. Throws `ScimError` 400 `noTarget` if it describes none. */
function madeValue(filter: Filter, rest: readonly Step[], operation: Operation): JsonObject {
  const wanted = wantedBy(filter);
  if (!matcher(filter)(wanted)) throw noTarget();
  return changedValue(wanted, rest, { ...operation, kind: 'add' } as Operation);
}

function changedValue(value: JsonObject, rest: readonly Step[], operation: Operation): JsonObject {
  if (rest.length > 0) return changed(value, rest, operation);
  const sent = operation.kind !== 'remove' && isObject(operation.value) ? operation.value : {};
  return operation.kind === 'add' ? { ...value, ...sent } : { ...sent };
}

/**
 * The value that a filter describes, for it to be made: Entra adds `emails[type eq "work"].value` to users without
 * e-mail. RFC 7644 §3.5.2.3 would have 400 `noTarget`, which is left for filters that describe no single value.
 */
function wantedBy(filter: Filter): JsonObject {
  if (filter.kind === 'and') return Object.assign({}, ...filter.filters.map(wantedBy));
  const [name, ...more] = filter.kind === 'compare' && filter.operator === 'eq' ? filter.steps : [];
  if (filter.kind !== 'compare' || name === undefined || more.length > 0) {
    throw noTarget();
  }
  return { [name]: filter.value };
}

function withAdded(values: readonly unknown[], added: readonly unknown[]): readonly unknown[] {
  const fresh = added.filter((value) => !values.some((present) => isDeepStrictEqual(present, value)));
  return [...values, ...fresh];
}

/** A value that became primary is the only one (RFC 7644 §3.5.2); of several at once, the last one is. */
function onePrimary(values: readonly unknown[], before: readonly unknown[]): readonly unknown[] {
  const isPrimary = (value: unknown): value is JsonObject => isObject(value) && value.primary === true;
  const chosen = values.findLastIndex((value, index) => isPrimary(value) && !isPrimary(before[index]));
  if (chosen < 0) return values;
  return values.map((value, index) =>
    isPrimary(value) && index !== chosen ? { ...value, primary: false } : value,
  );
}

function noTarget(): ScimError {
  return new ScimError(400, 'noTarget', 'No value is chosen by the path');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isSomething(value: unknown): boolean {
  return !isObject(value) || Object.keys(value).length > 0;
}

/** Nothing is left of an empty list or object (RFC 7643 §2.5). */
function assigned<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}
