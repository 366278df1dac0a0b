import fc, { type Arbitrary } from 'fast-check';
import { among, choices } from './choices.ts';
import { ENTERPRISE, USER } from './client.ts';
import { bodyOf, IDS, PATHS } from './fuzz-bodies.ts';
import { anyHeaders, type Headers, OWN, ordinaryHeaders } from './fuzz-headers.ts';
import { oddText } from './fuzz-json.ts';

/** A request with `IDS` in it, so that it can be sent again when the resources are others. */
export type FuzzRequest = {
  readonly method: string;
  /** Behind the base path, encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: string | undefined;
};

const METHODS = choices('GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|PROPFIND|QUERY');

const OUTSIDE = choices('|/|/Me|/Bulk|/.search|/nothing|/users|//Users|/Users//|/__proto__');
const DISCOVERY = choices(
  '/ServiceProviderConfig|/ResourceTypes|/ResourceTypes/User|/ResourceTypes/constructor',
  `/Schemas|/Schemas/${USER}|/Schemas/${ENTERPRISE}|/Schemas/__proto__|/Schemas/toString`,
);
const ODD_IDS = choices(
  '.|..|%2e%2e|%2F|a%2Fb|%00|%|%ff|%E0%A4%A|.search|*|:id|(.*)|0|null|LONG<4000>|__proto__|%C3%9F',
  '{ann}/|{ann}/emails|{ann};v=1|{ann}%20|%20{ann}|{ann}%00',
);

const endpoint = fc.constantFrom('/Users', '/Groups');
const id = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string>(...IDS) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_IDS) },
  { weight: 1, arbitrary: oddText.map((text) => encodeURIComponent(text.toWellFormed())) },
);
const resource = fc.tuple(endpoint, id).map(([at, name]) => `${at}/${name}`);

const FILTERS = choices(
  'userName eq "ANN"|id eq "{ann}"|externalId eq "e1"|active eq true|emails[type eq "work"]|userName eq ann',
  'meta.lastModified ge "2026-01-01T00:00:00Z"|members.value eq "{ann}"|members[value eq "{ann}"]|groups pr',
  'not (userName pr)|members pr|userName|eq||"|(|title pr)|userName co ""|userName gt "a" and|__proto__ pr',
  'userName eq "\\u0000"|userName eq "\\ud800"|constructor eq "x"|meta.version pr|userName eq 1e400|name pr',
  `active gt true|userName eq {}|${'('.repeat(1000)}a|${'not ('.repeat(15)}title pr${')'.repeat(15)}`,
  `${'title pr or '.repeat(400)}title pr`,
);

const parameter: Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(fc.constant('filter'), fc.oneof(fc.constantFrom(...FILTERS), oddText)),
  fc.tuple(fc.constantFrom('sortBy', 'attributes', 'excludedAttributes'), fc.constantFrom(...PATHS)),
  fc.tuple(
    fc.constantFrom('attributes', 'excludedAttributes'),
    fc.subarray(PATHS).map((names) => names.join(',')),
  ),
  fc.tuple(fc.constant('sortOrder'), among('ascending|DESCENDING|descending|sideways|')),
  fc.tuple(among('startIndex|count'), among('1|2|0|-1||x|1.5|1e9|1e30|9007199254740993|0x10| 1|Infinity')),
  fc.tuple(oddText, oddText),
);

/** Characters that Node's client refuses are encoded, as any client has to. */
const query: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc
      .array(parameter, { minLength: 1, maxLength: 3 })
      .map((pairs) => `?${pairs.map((pair) => pair.map(encoded).join('=')).join('&')}`),
  },
  { weight: 1, arbitrary: among('?|?&&=|?filter|?filter=%|?filter=%ff|?filter[a]=b|?a=b?c=d|?%00') },
);

const known = (at: '/Users' | '/Groups') =>
  at === '/Users' ? fc.constantFrom('{ann}', '{bob}', '{foreign}') : fc.constantFrom('{staff}', '{inner}');

function request(
  method: string,
  path: Arbitrary<string>,
  body: Arbitrary<string | undefined>,
): Arbitrary<FuzzRequest> {
  return fc.record({ method: fc.constant(method), path, query, headers: ordinaryHeaders, body });
}

const none = fc.constant(undefined);

const sensible = (['/Users', '/Groups'] as const).flatMap((at) => {
  const one = known(at).map((name) => `${at}/${name}`);
  const kind = at === '/Users' ? 'user' : 'group';
  return [
    { weight: 2, arbitrary: request('POST', fc.constant(at), bodyOf(kind)) },
    { weight: 3, arbitrary: request('PUT', one, bodyOf(kind)) },
    { weight: 6, arbitrary: request('PATCH', one, bodyOf('patch')) },
    { weight: 1, arbitrary: request('DELETE', one, none) },
    { weight: 1, arbitrary: request('GET', one, none) },
    { weight: 2, arbitrary: request('GET', fc.constant(at), none) },
    { weight: 1, arbitrary: request('POST', fc.constant(`${at}/.search`), bodyOf('search')) },
  ];
});

const wild: Arbitrary<FuzzRequest> = fc.record({
  method: fc.constantFrom(...METHODS),
  path: fc.oneof(
    { weight: 3, arbitrary: resource },
    { weight: 1, arbitrary: fc.oneof(endpoint, fc.constantFrom(...OUTSIDE, ...DISCOVERY)) },
  ),
  query,
  headers: anyHeaders,
  body: fc.oneof(none, ...(['user', 'group', 'patch', 'search', 'bulk', 'any'] as const).map(bodyOf)),
});

export const anyRequest: Arbitrary<FuzzRequest> = fc.oneof(
  ...sensible,
  { weight: 1, arbitrary: request('POST', fc.constant('/.search'), bodyOf('search')) },
  { weight: 4, arbitrary: request('POST', fc.constant('/Bulk'), bodyOf('bulk')) },
  { weight: 8, arbitrary: wild },
);

/** A PUT that may well be taken. */
export const anyPut: Arbitrary<FuzzRequest> = fc.oneof(
  ...(['user', 'group'] as const).map((kind) =>
    fc.record({
      method: fc.constant('PUT'),
      path: kind === 'user' ? fc.constant('/Users/{ann}') : fc.constant('/Groups/{staff}'),
      query: fc.constant(''),
      headers: fc.constant(OWN),
      body: bodyOf(kind),
    }),
  ),
);

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
