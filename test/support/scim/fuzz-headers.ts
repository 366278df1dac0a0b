import fc, { type Arbitrary } from 'fast-check';
import { among } from './choices.ts';
import { TOKEN } from './client.ts';
import { OTHER_TOKEN } from './server.ts';

export type Headers = Readonly<Record<string, string>>;

export const OWN: Headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/scim+json' };

const authorization = fc.oneof(
  { weight: 30, arbitrary: fc.constant(`Bearer ${TOKEN}`) },
  { weight: 3, arbitrary: among(`Bearer ${OTHER_TOKEN}|bearer   ${TOKEN}|Bearer ${TOKEN} ||Bearer|x`) },
  { weight: 1, arbitrary: among(`Basic ${TOKEN}|Bearer ${TOKEN},|Bearer LONG<4000>|Bearer \u00ff`) },
);

const contentType = fc.oneof(
  { weight: 10, arbitrary: among('application/scim+json|application/json|application/json; charset=utf-8') },
  { weight: 1, arbitrary: among('application/json; charset="x|text/plain|multipart/form-data||;|x|\u00ff') },
);

/** What any client could send; each name may be missing. */
const odd: Arbitrary<Headers> = fc.record(
  {
    Authorization: authorization,
    'Content-Type': contentType,
    Accept: among('application/scim+json|*/*|text/html||;q=0|application/xml|\u00ff'),
    'Content-Encoding': among('gzip|deflate|br|identity|nonsense'),
    'Transfer-Encoding': fc.constant('chunked'),
    'If-Match': among('*|W/"1"|"1"|W/"99"||"|W/"1", W/"2"|\u00ff'),
    'If-None-Match': among('*|W/"1"|"1"||W/'),
    Host: among('x|x:y||[::1|ex ample|a/b'),
    'X-Forwarded-Proto': among('https|x|'),
    'X-Request-Id': among('one|LONG<1000>|\u00ff'),
  },
  { requiredKeys: [] },
);

export const anyHeaders: Arbitrary<Headers> = odd.map((some) => ({ ...OWN, ...some }));

/** Mostly what a client of its kind sends. */
export const ordinaryHeaders: Arbitrary<Headers> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(OWN) },
  { weight: 1, arbitrary: among('*|W/"1"|W/"2"').map((version) => ({ ...OWN, 'If-Match': version })) },
  { weight: 1, arbitrary: anyHeaders },
);
