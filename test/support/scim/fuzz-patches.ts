import fc, { type Arbitrary } from 'fast-check';
import { compact, some } from './choices.ts';
import { ENTERPRISE, GROUP, USER } from './client.ts';
import type { ComparisonOperator, FilterTree } from './filter-model.ts';
import { brokenOperationsOn } from './fuzz-refusals.ts';
import type { JsonObject, ModelOperation, PatchTarget } from './patch-model.ts';
import type { FuzzOperation, PatchSpelling } from './patch-text.ts';

/** Marks that stand for ids of those who can be members, and ids that nobody has. */
const MEMBER_IDS = ['{ann}', '{bob}', '{inner}', 'nobody', 'noone'] as const;
const MEMBERS = [...MEMBER_IDS, 'ext-bob'] as const;
const TEXTS = ['a', 'A', 'b', 'c@x.example', 'é'] as const;
const KINDS = ['work', 'WORK', 'home', 'other'] as const;
const LISTS = ['emails', 'phoneNumbers', 'roles'] as const;

type Op = ModelOperation['op'];
type Sound = Arbitrary<ModelOperation>;

const orNull = <T>(value: Arbitrary<T>) => fc.option(value, { nil: null, freq: 8 });
const text = fc.constantFrom<string>(...TEXTS);
const setting = fc.constantFrom<Op>('add', 'replace');

function operation(
  op: Arbitrary<Op>,
  target: Arbitrary<PatchTarget | undefined>,
  value: Arbitrary<unknown>,
): Sound {
  return fc.record({ op, target, value });
}

function removal(...steps: string[]): Sound {
  return fc.constant({ op: 'remove', target: { steps } });
}

/** Sets, empties and removes an attribute with one value. */
function single(steps: readonly string[], value: Arbitrary<unknown>): Sound {
  const target = fc.constant({ steps });
  return fc.oneof(
    { weight: 3, arbitrary: operation(setting, target, orNull(value)) },
    { weight: 1, arbitrary: removal(...steps) },
  );
}

const entry: Arbitrary<JsonObject> = fc
  .record({
    value: text,
    type: some(fc.constantFrom(...KINDS)),
    primary: some(fc.boolean()),
    display: some(text),
  })
  .map(compact);
const entries = fc.uniqueArray(entry, { minLength: 1, maxLength: 3, selector: (one) => JSON.stringify(one) });
/** As a client that knows RFC 7643 §2.4 sends them: one is primary at most. */
const lawful = entries.filter((list) => list.filter(({ primary }) => primary === true).length < 2);
const nameParts = partsOf({ givenName: orNull(text), familyName: text, formatted: text });
const manager = partsOf({ value: text, $ref: fc.constant('../Users/x') });
const extension = partsOf({ employeeNumber: orNull(text), department: text, manager });

function comparisonIn(
  name: string,
  values: readonly (string | boolean)[],
  operators: readonly ComparisonOperator[],
): Arbitrary<FilterTree> {
  const type = name === 'primary' ? 'boolean' : 'text';
  return fc.record({
    kind: fc.constant('compare' as const),
    at: fc.constant({ steps: [name], type } as const),
    operator: fc.oneof(fc.constant<ComparisonOperator>('eq'), fc.constantFrom(...operators)),
    value: fc.constantFrom(...values),
  });
}

const comparison = fc.oneof(
  comparisonIn('type', KINDS, ['eq', 'ne', 'sw']),
  comparisonIn('value', TEXTS, ['eq', 'co', 'ew', 'gt']),
  comparisonIn('primary', [true, false], ['eq', 'ne']),
);

const filter: Arbitrary<FilterTree> = fc.oneof(
  { weight: 4, arbitrary: comparison },
  { weight: 1, arbitrary: fc.constant({ kind: 'present', at: { steps: ['display'], type: 'text' } }) },
  { weight: 1, arbitrary: comparison.map((part): FilterTree => ({ kind: 'not', part })) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('and' as const, 'and' as const, 'or' as const),
      parts: fc.tuple(comparison, comparison),
    }),
  },
);

function listed(name: string): Sound {
  const steps = [name];
  const at = <T extends Omit<PatchTarget, 'steps'>>(rest: Arbitrary<T>) =>
    rest.map((more) => ({ steps, ...more }));
  const whole = fc.constant({ steps });
  const chosen = at(fc.record({ filter }));
  const part = fc.oneof(
    fc.tuple(fc.constantFrom('value', 'type', 'display'), orNull(text)),
    fc.tuple(fc.constant('primary'), orNull(fc.boolean())),
  );
  const ofChosen = (op: Arbitrary<Op>) =>
    fc
      .record({ op, filter: some(filter), part })
      .map(({ op, filter, part: [part, value] }): ModelOperation => {
        const target = { steps, part, ...(filter === undefined ? {} : { filter }) };
        return op === 'remove' ? { op, target } : { op, target, value };
      });
  const removed = fc.array(
    text.map((value) => ({ value })),
    { maxLength: 2 },
  );
  return fc.oneof(
    { weight: 3, arbitrary: operation(setting, whole, orNull(entries)) },
    { weight: 3, arbitrary: operation(setting, chosen, orNull(entry)) },
    { weight: 4, arbitrary: ofChosen(setting) },
    { weight: 1, arbitrary: removal(name) },
    { weight: 1, arbitrary: operation(fc.constant('remove'), whole, removed) },
    { weight: 1, arbitrary: chosen.map((target): ModelOperation => ({ op: 'remove', target })) },
    { weight: 1, arbitrary: ofChosen(fc.constant('remove')) },
  );
}

const userName = fc.constantFrom('ann', 'ANN', 'taken', 'Taken', 'other', ' ');
const boolean = fc.boolean();

const pathless: Sound = operation(
  setting,
  fc.constant(undefined),
  partsOf({
    userName,
    displayName: orNull(fc.constantFrom(...TEXTS, '')),
    nickName: orNull(text),
    active: orNull(boolean),
    name: nameParts,
    emails: entries,
    roles: orNull(entries),
    [ENTERPRISE]: extension,
  }),
);

const onUser: Sound = fc.oneof(
  single(['displayName'], fc.constantFrom(...TEXTS, '')),
  single(['nickName'], text),
  single(['active'], boolean),
  operation(
    setting,
    fc.constant({ steps: ['userName'] }),
    fc.oneof({ weight: 9, arbitrary: userName }, fc.constant(null)),
  ),
  removal('userName'),
  single(['name'], nameParts),
  single(['name', 'givenName'], fc.constantFrom(...TEXTS, '')),
  single([ENTERPRISE], extension),
  single([ENTERPRISE, 'employeeNumber'], text),
  single([ENTERPRISE, 'manager'], manager),
  single([ENTERPRISE, 'manager', 'value'], text),
  ...LISTS.map((name) => ({ weight: 4, arbitrary: listed(name) })),
  { weight: 4, arbitrary: pathless },
);

const members = fc.array(
  fc.constantFrom(...MEMBERS).map((value) => ({ value })),
  { maxLength: 3 },
);
const memberFilter: Arbitrary<FilterTree> = fc.oneof(
  comparisonIn('value', MEMBER_IDS, ['eq', 'ne', 'sw']),
  comparisonIn('type', ['User', 'Group', 'user'], ['eq', 'ne']),
);
const memberFilters: Arbitrary<FilterTree> = fc.oneof(
  memberFilter,
  memberFilter.map((part): FilterTree => ({ kind: 'not', part })),
  fc.record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    parts: fc.tuple(memberFilter, memberFilter),
  }),
);
const ofMembers = fc.constant({ steps: ['members'] });

const onGroup: Sound = fc.oneof(
  { weight: 3, arbitrary: operation(setting, ofMembers, members) },
  {
    weight: 3,
    arbitrary: memberFilters.map(
      (filter): ModelOperation => ({ op: 'remove', target: { steps: ['members'], filter } }),
    ),
  },
  { weight: 1, arbitrary: operation(fc.constant('remove'), ofMembers, members) },
  { weight: 1, arbitrary: removal('members') },
  {
    weight: 1,
    arbitrary: operation(
      setting,
      fc.constant({ steps: ['displayName'] }),
      fc.constantFrom('staff', 'crew', 'TAKEN', ''),
    ),
  },
  { weight: 1, arbitrary: single(['externalId'], text) },
  { weight: 1, arbitrary: removal('displayName') },
  {
    weight: 2,
    arbitrary: operation(
      setting,
      fc.constant(undefined),
      partsOf({ displayName: fc.constantFrom('staff', 'crew'), members, externalId: orNull(text) }),
    ),
  },
);

/** What a PATCH request of a user or a group has in it: now and then something that is to be refused. */
export function operationsOn(kind: 'User' | 'Group'): Arbitrary<readonly FuzzOperation[]> {
  const core = kind === 'User' ? USER : GROUP;
  const spelling: Arbitrary<PatchSpelling> = fc.record({
    op: fc.constantFrom('lower', 'Upper'),
    isLoud: fc.boolean(),
    urn: some(fc.constant(core)),
  });
  const sound = fc.record({
    kind: fc.constant('sound' as const),
    operation: kind === 'User' ? onUser : onGroup,
    spelling,
  });
  const broken = fc
    .constantFrom(...brokenOperationsOn(kind))
    .map(([refusal, json]) => ({ kind: 'broken' as const, json, refusal }));
  return fc.array(fc.oneof({ weight: 25, arbitrary: sound }, { weight: 1, arbitrary: broken }), {
    minLength: 1,
    maxLength: 4,
  });
}

/** An object with at least one of the parts. */
function partsOf(parts: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<JsonObject> {
  return fc.record(parts, { requiredKeys: [] }).filter((object) => Object.keys(object).length > 0);
}

export const userBase: Arbitrary<JsonObject> = fc
  .record({
    displayName: some(text),
    active: some(boolean),
    name: some(fc.record({ givenName: text, familyName: text })),
    emails: some(lawful),
    roles: some(lawful),
    [ENTERPRISE]: some(fc.record({ employeeNumber: text, manager: fc.record({ value: text }) })),
  })
  .map(compact)
  .map((rest) => (ENTERPRISE in rest ? { ...rest, schemas: [USER, ENTERPRISE] } : rest));

export const groupBase: Arbitrary<readonly string[]> = fc.uniqueArray(fc.constantFrom(...MEMBERS), {
  maxLength: 4,
});
