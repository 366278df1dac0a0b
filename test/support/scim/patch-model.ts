import { isDeepStrictEqual } from 'node:util';
import { ENTERPRISE } from './client.ts';
import { comparable, type FilterTree, holds } from './filter-model.ts';

/**
 * RFC 7644 §3.5.2 once more, naively, on resources as clients see them: for tests to compare the server with. It
 * shares no code with the server, checks no types (the tests send what fits), and knows names in one spelling only.
 *
 * Where the RFC leaves it open:
 * - null is "no value" (RFC 7643 §2.5): to replace something by it removes it, to add it does nothing; so is an empty
 *   text, where the attribute itself is the target
 * - an add or replace through a filter that nothing meets makes the value that the filter's equalities describe, if
 *   they describe one; §3.5.2.3 would have `noTarget`, which is for all other filters
 * - an add through a filter merges into each value that meets it, a replace takes the place of each
 * - a part of a list without a filter (`emails.type`) is that part of each value, or of a new one if there is none
 * - a remove through a filter that nothing meets succeeds
 * - a remove of a list with a list of values removes the values named, and nothing else (Authentik, Entra)
 * - of several values that become primary one after the other, or at once, the last one is it
 * - what has nothing left is gone: an object, a list, and a value in a list
 * - `schemas` names the extension from then on that there is something of it
 * - an attribute that is required may be blank or missing in between, but not in the end
 * - a member is named by its id, or by a user's external id, which is resolved
 */
export type ModelOperation = {
  readonly op: 'add' | 'replace' | 'remove';
  /** Undefined: the resource itself. */
  readonly target: PatchTarget | undefined;
  /** Undefined: none is sent. */
  readonly value?: unknown;
};

export type PatchTarget = {
  /** From the top, through the URN of an extension if need be: a list of several is a way through objects. */
  readonly steps: readonly string[];
  readonly filter?: FilterTree;
  /** A part of each value of a list. */
  readonly part?: string;
};

export type Outcome =
  | { readonly resource: JsonObject }
  /** Any of these may be the one that is told. */
  | { readonly refusals: readonly Refusal[] };

export type Refusal = 'noTarget' | 'mutability' | 'invalidValue';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The member that is meant by an id or an external id: its id, and its type if there is such a user or group. */
export type Identify = (value: string) => JsonObject;

const LISTS = ['emails', 'phoneNumbers', 'roles', 'members'];

type Context = { readonly required: string; readonly identify: Identify };

class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** What becomes of a resource; of one that is refused, nothing. */
export function patchedByModel(
  resource: JsonObject,
  operations: readonly ModelOperation[],
  identify: Identify = (value) => ({ value }),
): Outcome {
  const isUser = 'userName' in resource;
  const required = isUser ? 'userName' : 'displayName';
  const context = { required, identify };
  const early = operations.flatMap((operation) => refusalOf(operation, required));
  try {
    const changed = operations.reduce((state, operation) => applied(state, operation, context), resource);
    if (!(required in changed)) return { refusals: [...early, 'mutability'] };
    if (String(changed[required]).trim() === '') return { refusals: [...early, 'invalidValue'] };
    return early.length > 0 ? { refusals: early } : { resource: isUser ? withSchemas(changed) : changed };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { refusals: [...early, error.refusal] };
  }
}

/** What can be told without the resource. */
function refusalOf({ op, target, value }: ModelOperation, required: string): readonly Refusal[] {
  if (target === undefined) {
    if (op === 'remove') return ['noTarget'];
    return Object.entries(value as object).flatMap(([name, part]) =>
      refusalOf({ op, target: { steps: [name] }, value: part }, required),
    );
  }
  return [];
}

function applied(state: JsonObject, { op, target, value }: ModelOperation, context: Context): JsonObject {
  if (target === undefined) {
    return Object.entries((value ?? {}) as object).reduce(
      (next, [name, part]) => applied(next, { op, target: { steps: [name] }, value: part }, context),
      state,
    );
  }
  const [name = '', ...rest] = target.steps;
  const own = state[name];
  if (rest.length > 0) {
    const inner = applied(asObject(own), { op, target: { ...target, steps: rest }, value }, context);
    return put(state, name, inner);
  }
  if (name === 'members')
    return put(state, name, changedMembers(asList(own), { op, target, value }, context));
  if (LISTS.includes(name)) return put(state, name, changedList(asList(own), { op, target, value }));
  const isEmptied = value === '' && name !== context.required;
  return put(state, name, isEmptied ? undefined : changedValue(own, op, value));
}

/** Of an attribute with one value. */
function changedValue(own: unknown, op: ModelOperation['op'], value: unknown): unknown {
  if (op === 'remove') return undefined;
  if (value === null) return op === 'add' ? own : undefined;
  if (!isObject(value)) return value;
  // A complex attribute: only the parts that are sent.
  return Object.entries(value).reduce<JsonObject>(
    (next, [name, part]) => put(next, name, changedValue(next[name], op, part)),
    asObject(own),
  );
}

function changedList(
  own: readonly JsonObject[],
  { op, target, value }: ModelOperation,
): readonly JsonObject[] {
  const { filter, part } = target ?? {};
  const isRemoval = op === 'remove' || (op === 'replace' && isNothing(value));
  if (op === 'add' && value === null) return own;
  if (filter === undefined && part === undefined) return changedWhole(own, isRemoval ? 'remove' : op, value);
  const isChosen = (entry: JsonObject) => filter === undefined || holds(filter, entry);
  if (isRemoval || value === '') {
    return own.flatMap((entry) => {
      if (!isChosen(entry)) return [entry];
      const left = part === undefined ? {} : put(entry, part, undefined);
      return Object.keys(left).length === 0 ? [] : [left];
    });
  }
  const sent = part === undefined ? asObject(value) : { [part]: value };
  const isPlaced = op === 'replace' && part === undefined;
  const changed = own.some(isChosen)
    ? own.map((entry) => (isChosen(entry) ? { ...(isPlaced ? {} : entry), ...sent } : entry))
    : [...own, { ...described(filter), ...sent }];
  return withOnePrimary(own, changed);
}

/** Without a filter, and not about a part. */
function changedWhole(
  own: readonly JsonObject[],
  op: ModelOperation['op'],
  value: unknown,
): readonly JsonObject[] {
  const sent = asList(value);
  if (op === 'replace') return withOnePrimary([], sent);
  if (op === 'remove') {
    const named = sent.map((entry) => comparable(entry.value, 'text'));
    return value === undefined || value === null
      ? []
      : own.filter((entry) => !named.includes(comparable(entry.value, 'text')));
  }
  const added = sent.filter((entry) => !own.some((there) => isDeepStrictEqual(there, entry)));
  return withOnePrimary(own, [...own, ...added]);
}

/** The value that equalities describe; without a filter, one without anything. */
function described(filter: FilterTree | undefined): JsonObject {
  if (filter === undefined) return {};
  const made = Object.fromEntries(equalities(filter));
  if (!holds(filter, made)) throw new Refused('noTarget');
  return made;
}

function equalities(filter: FilterTree): readonly (readonly [string, unknown])[] {
  if (filter.kind === 'and') return filter.parts.flatMap(equalities);
  if (filter.kind !== 'compare' || filter.operator !== 'eq') throw new Refused('noTarget');
  return [[filter.at.steps.join('.'), filter.value]];
}

/** "SHALL cause the server to automatically set 'primary' to 'false' for any other values". */
function withOnePrimary(before: readonly JsonObject[], after: readonly JsonObject[]): readonly JsonObject[] {
  const isNew = (entry: JsonObject, index: number) =>
    entry.primary === true && before[index]?.primary !== true;
  const chosen = after.findLastIndex(isNew);
  if (chosen < 0) return after;
  return after.map((entry, index) =>
    entry.primary === true && index !== chosen ? { ...entry, primary: false } : entry,
  );
}

/** Members are named by their ids only, and never changed. */
function changedMembers(
  own: readonly JsonObject[],
  { op, target, value }: ModelOperation,
  { identify }: Context,
): readonly JsonObject[] {
  const sent = asList(value).map((entry) => identify(String(entry.value)));
  const isIn = (list: readonly JsonObject[], entry: JsonObject) =>
    list.some((other) => other.value === entry.value);
  const { filter } = target ?? {};
  const each = sent.filter((entry, index) => !isIn(sent.slice(0, index), entry));
  if (op === 'add') return [...own, ...each.filter((entry) => !isIn(own, entry))];
  if (op === 'replace') return each;
  if (filter === undefined) return value === undefined ? [] : own.filter((entry) => !isIn(sent, entry));
  return own.filter((entry) => !holds(filter, entry));
}

/** RFC 7643 §3. */
function withSchemas(resource: JsonObject): JsonObject {
  const listed = Array.isArray(resource.schemas) ? resource.schemas : [];
  const isMissing = ENTERPRISE in resource && !listed.includes(ENTERPRISE);
  return isMissing ? { ...resource, schemas: [...listed, ENTERPRISE] } : resource;
}

/** The object with that part, or without it if nothing is left of it. */
function put(object: JsonObject, name: string, value: unknown): JsonObject {
  const { [name]: _, ...others } = object;
  return isNothing(value) ? others : { ...object, [name]: value };
}

/** RFC 7643 §2.5. */
export function isNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value : [];
}
