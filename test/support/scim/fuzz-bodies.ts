import fc, { type Arbitrary } from 'fast-check';
import { among, choices, compact, some } from './choices.ts';
import { ENTERPRISE, GROUP, PATCH_OP, USER } from './client.ts';
import { anyJson, type Json, mutated, NAMES, oddText, written } from './fuzz-json.ts';

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

/** Each stands for the id of a resource that is there when a request is sent. */
export const IDS = ['{ann}', '{bob}', '{staff}', '{inner}', '{foreign}'] as const;

const id = fc.constantFrom(...IDS, 'nobody');
const name = among('ann|ANN|bob|cy|straße|é|e\u0301|İ');

const email: Arbitrary<Json> = fc
  .record({
    value: fc.constantFrom('a@x.example', 'b@x.example'),
    type: some(fc.constantFrom('work', 'home')),
    primary: some(fc.boolean()),
  })
  .map(compact);

const enterprise: Arbitrary<Json> = fc
  .record({ employeeNumber: some(fc.constant('7')), manager: some(id.map((value) => ({ value }))) })
  .map(compact);

const user: Arbitrary<Json> = fc
  .record({
    schemas: fc.constant([USER]),
    userName: name,
    externalId: some(fc.constantFrom('e1', 'E1', 'e2')),
    active: some(fc.boolean()),
    name: some(fc.constant({ givenName: 'Ann', familyName: 'Lee' })),
    displayName: some(name),
    emails: some(fc.array(email, { maxLength: 3 })),
    [ENTERPRISE]: some(enterprise),
    custom: some(fc.constant({ any: ['thing', null, 1.5] })),
  })
  .map(compact);

const group: Arbitrary<Json> = fc
  .record({
    schemas: fc.constant([GROUP]),
    displayName: name,
    externalId: some(fc.constantFrom('g1', 'G1')),
    members: some(
      fc.array(
        id.map((value) => ({ value })),
        { maxLength: 3 },
      ),
    ),
  })
  .map(compact);

export const PATHS = choices(
  'userName|displayName|active|name|name.givenName|emails|emails.type|externalId|groups|id|meta|schemas|password',
  'emails[type eq "work"]|emails[type eq "work"].value|emails[primary eq true].value|emails[value pr]|custom.any',
  `emails[not (type eq "work") and value co "x"].display|${ENTERPRISE}:manager|${ENTERPRISE}|${USER}:title`,
  'members|members[value eq "{ann}"]|members[type eq "Group"]|members.value|urn:example:2.0:Thing:size',
  ...NAMES,
);

/** Each attribute with each part, whether they belong together or not. */
const composed: Arbitrary<string> = fc
  .tuple(
    among(
      'userName|displayName|nickName|active|externalId|password|name|emails|members|groups|schemas|meta|id|custom',
      `${ENTERPRISE}:employeeNumber|${ENTERPRISE}:manager|${USER}:title|urn:example:2.0:Thing:size`,
    ),
    among('|[type eq "work"]|[value eq "{ann}"]|[value pr]'),
    among('|.value|.type|.display|.primary|.givenName|.$ref|.foo'),
  )
  .map((parts) => parts.join(''));

const operation: Arbitrary<Json> = fc
  .record({
    op: fc.constantFrom('add', 'replace', 'remove', 'Replace'),
    path: some(fc.oneof(composed, fc.constantFrom(...PATHS), oddText)),
    value: some(
      fc.oneof<Arbitrary<Json>[]>(
        among('x|true|{ann}||'),
        fc.boolean(),
        composed.map((name) => ({ [name]: 'x' })),
        fc.oneof(user, group),
        fc.array(email),
        fc.array(id.map((value) => ({ value }))),
        anyJson,
      ),
    ),
  })
  .map(compact);

/** Mostly one operation, since any that is refused refuses them all. */
const patch: Arbitrary<Json> = fc
  .oneof(
    { weight: 2, arbitrary: fc.tuple(operation) },
    { weight: 1, arbitrary: fc.array(operation, { minLength: 1, maxLength: 4 }) },
  )
  .map((operations) => ({ schemas: [PATCH_OP], Operations: operations }));

const search: Arbitrary<Json> = fc
  .record({
    schemas: fc.constant([SEARCH]),
    filter: some(
      among('userName sw "a"|emails[type eq "work"]|members pr|meta.created gt "2020-01-01T00:00:00Z"'),
    ),
    attributes: some(fc.subarray(PATHS)),
    excludedAttributes: some(fc.subarray(PATHS)),
    sortBy: some(fc.constantFrom(...PATHS)),
    sortOrder: some(among('ascending|descending|sideways')),
    startIndex: some(fc.integer({ min: -2, max: 5 })),
    count: some(fc.integer({ min: -2, max: 5 })),
  })
  .map(compact);

/** RFC 7644 §3.7. */
const bulkOperation: Arbitrary<Json> = fc
  .record({
    method: among('POST|PUT|PATCH|DELETE|GET|post'),
    path: fc.oneof(
      among('/Users|/Groups|/Users/bulkId:one|Users|/Bulk|/.search|/Users/|/Me|//'),
      id.map((value) => `/Users/${value}`),
      id.map((value) => `/Groups/${value}`),
    ),
    bulkId: some(among('one|two||bulkId:one')),
    version: some(among('W/"1"|W/"99"|*|nonsense')),
    data: some(fc.oneof(user, group, patch, anyJson)),
  })
  .map(compact);

const bulk: Arbitrary<Json> = fc
  .record({
    schemas: fc.constant([BULK]),
    failOnErrors: some(fc.integer({ min: -1, max: 3 })),
    Operations: fc.array(bulkOperation, { maxLength: 5 }),
  })
  .map(compact);

/** What is no document, or one that no program writes. */
const text: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  among('| |{|[]|[[]]|null|"x"|5|NaN|{}|{"userName":}|\u0000|\ufeff{}|{"userName":"ann","userName":"cy"}'),
  among('{"userName":"ann","active":NaN}|{"userName":"cy"}}|{"userName":"deep","a":DEEP<12>}'),
  among('{"userName":"deep","a":DEEP<50000>}|"LONG<900000>"'),
  user.map((document) => written(document).slice(0, -1)),
  // One name twice (RFC 8259 §4).
  user.map((document) => written(document).replace('{', '{"active":false,"emails":null,')),
  among('1e400|-0|"\\ud800"|"\\u0000"').map((value) => `{"userName":"odd","x":${value}}`),
);

const documents = { user, group, patch, search, bulk, any: anyJson };

/** A body of the kind, more often than not with something wrong about it; or no JSON at all. */
export function bodyOf(kind: keyof typeof documents): Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: documents[kind].map(written) },
    { weight: 6, arbitrary: mutated(documents[kind]).map(written) },
    { weight: 1, arbitrary: text },
  );
}
