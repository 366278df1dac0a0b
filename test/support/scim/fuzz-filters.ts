import fc, { type Arbitrary } from 'fast-check';
import { among } from './choices.ts';
import { ENTERPRISE, GROUP, USER } from './client.ts';
import type { ComparisonOperator, FilterTree, Spelling, Subject } from './filter-model.ts';
import { bornAt, EXACT, ID_MARKS, loose, TYPES } from './fuzz-directory.ts';

type Leaf = { readonly at: Subject; readonly values: Arbitrary<string | boolean> };

const at = (type: Subject['type'], ...steps: string[]): Subject => ({ steps, type });
const texts = (...steps: string[]): Leaf => ({ at: at('text', ...steps), values: loose });
const exact = (...steps: string[]): Leaf => ({
  at: at('exact', ...steps),
  values: fc.constantFrom(...EXACT, ''),
});
const id = (...steps: string[]): Leaf => ({
  at: at('exact', ...steps),
  values: fc.constantFrom(...ID_MARKS, 'nobody'),
});
const boolean = (...steps: string[]): Leaf => ({ at: at('boolean', ...steps), values: fc.boolean() });
const kind = (...steps: string[]): Leaf => ({
  at: at('text', ...steps),
  values: fc.constantFrom(...TYPES, 'wo', ''),
});
const time = (...steps: string[]): Leaf => ({ at: at('time', ...steps), values: times });

/** Around the times at which the resources are made, in several zones. */
const times = fc
  .record({ index: fc.nat(9), shift: fc.constantFrom(-1, 0, 0, 1), hours: fc.constantFrom(0, 2, -5) })
  .map(({ index, shift, hours }) => {
    const local = new Date(bornAt(index) + shift + hours * 3_600_000).toISOString();
    if (hours === 0) return shift === 0 ? local.replace('.000Z', 'Z') : local;
    return local.replace('Z', `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`);
  });

const common: readonly Leaf[] = [
  id('id'),
  exact('externalId'),
  time('meta', 'created'),
  time('meta', 'lastModified'),
  { at: at('exact', 'meta', 'resourceType'), values: fc.constantFrom('User', 'Group', 'user') },
  { at: at('text', 'schemas'), values: fc.constantFrom(USER, GROUP, ENTERPRISE, USER.toUpperCase()) },
];
const userLeaves: readonly Leaf[] = [
  ...common,
  ...[texts('userName'), texts('displayName'), texts('title'), texts('nickName'), boolean('active')],
  ...[texts('name', 'givenName'), texts('name', 'familyName'), texts(ENTERPRISE, 'employeeNumber')],
  ...[
    exact(ENTERPRISE, 'manager'),
    exact(ENTERPRISE, 'manager', 'value'),
    texts('emails'),
    texts('emails', 'value'),
  ],
  ...[
    kind('emails', 'type'),
    boolean('emails', 'primary'),
    texts('phoneNumbers', 'display'),
    texts(USER, 'userName'),
  ],
];
const groupLeaves: readonly Leaf[] = [...common, texts('displayName'), texts(GROUP, 'displayName')];

const reference = (name: string): Leaf => ({
  at: at('exact', name, '$ref'),
  values: among('/Users/|/Groups/|/groups/|http'),
});
const groupsOfUser: readonly Leaf[] = [
  ...[id('groups'), id('groups', 'value'), texts('groups', 'display'), reference('groups')],
  { at: at('text', 'groups', 'type'), values: among('direct|DIRECT|indirect') },
];
const membersOfGroup: readonly Leaf[] = [
  ...[id('members'), id('members', 'value'), reference('members')],
  { at: at('text', 'members', 'type'), values: fc.constantFrom('User', 'Group', 'user') },
];

const OPERATORS: Readonly<Record<Subject['type'], readonly ComparisonOperator[]>> = {
  text: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  exact: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'],
  boolean: ['eq', 'ne'],
  time: ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
};

function comparison({ at, values }: Leaf): Arbitrary<FilterTree> {
  const operator = fc.oneof(fc.constant<ComparisonOperator>('eq'), fc.constantFrom(...OPERATORS[at.type]));
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('compare' as const),
        at: fc.constant(at),
        operator,
        value: values,
      }),
    },
    { weight: 1, arbitrary: fc.constant<FilterTree>({ kind: 'present', at }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('eq' as const, 'ne' as const)
        .map((operator): FilterTree => ({ kind: 'null', at, operator })),
    },
  );
}

function treeOf(leaf: Arbitrary<FilterTree>): Arbitrary<FilterTree> {
  return fc.letrec<{ tree: FilterTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 3, arbitrary: leaf },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          parts: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: tie('tree').map((part) => ({ kind: 'not' as const, part })) },
    ),
  })).tree;
}

/** `emails[…]`, with what may stand in the brackets. */
function values(name: string, leaves: readonly Leaf[]): Arbitrary<FilterTree> {
  return treeOf(fc.oneof(...leaves.map(comparison))).map((part) => ({
    kind: 'values',
    at: at('text', name),
    part,
  }));
}

const inPlural = [texts('value'), kind('type'), boolean('primary'), texts('display')];
const inMembers = [id('value'), { at: at('text', 'type'), values: fc.constantFrom('User', 'Group', 'user') }];

/** What only can be there or not. */
const whole = fc
  .constantFrom(['name'], ['emails'], ['meta'], [ENTERPRISE], ['id'])
  .map((steps): FilterTree => ({ kind: 'present', at: at('text', ...steps) }));

export function userFilter(): Arbitrary<FilterTree> {
  const lists = [values('emails', inPlural), values('phoneNumbers', inPlural)];
  const memberships = values('groups', [id('value'), texts('display')]);
  const leaves = [...userLeaves, ...groupsOfUser].map(comparison);
  return treeOf(fc.oneof(...leaves, ...lists, memberships, whole));
}

export function groupFilter(): Arbitrary<FilterTree> {
  return treeOf(
    fc.oneof(...[...groupLeaves, ...membersOfGroup].map(comparison), values('members', inMembers)),
  );
}

export const spelling: Arbitrary<Spelling> = fc.record({
  isLoud: fc.boolean(),
  isNested: fc.boolean(),
  isEscaped: fc.boolean(),
});

/** What no filter may have in it, and the server is to refuse rather than to take for nothing. */
export const brokenFilter: Arbitrary<string> = among(
  'userName|userName eq|eq "x"|userName is "x"|nonsense eq "x"|name.nonsense pr|userName.x pr||()|not ()',
  'active gt true|active eq "perhaps"|active co true|userName gt null|userName eq true',
  'meta.created co "2026"|meta.created gt "soon"|userName eq "a|userName eq "\\x"|userName eq "a" "b"',
  '(userName pr|userName pr)|not userName pr|userName pr and|or userName pr|userName pr userName pr',
  'emails[type eq "work"|emails[]|emails[nonsense pr]|userName[type pr]|emails[type pr].nonsense pr',
  'x509Certificates.value co "x"|name eq "x"|meta eq "x"|userName eq [1]',
);
