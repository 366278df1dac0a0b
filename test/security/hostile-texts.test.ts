import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRoomAlias } from '../../src/matrix/ids.ts';
import { GroupMapError } from '../../src/plan/group-map.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { TOKEN } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

/** Characters: the body of the largest one is near what the server of the tests takes. */
const SIZES = [1_000, 10_000, 100_000, 1_500_000];
/** Milliseconds for the largest: what took the square of it would take minutes. */
const MOST = 3_000;
const REPEATED = [
  'a',
  ' ',
  '"',
  '\\',
  '(',
  '[',
  '.',
  ':0:a::',
  'not (',
  'a eq 1 and ',
  '\u0300',
  '/',
  '@a:',
  '#',
  '😀',
  '{"',
];

let server: ScimServer;
let id: string;
const send = async (method: string, path: string, body?: unknown, token = TOKEN): Promise<Response> => {
  const response = await fetch(server.scim + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.clone().text();
  return response;
};
beforeAll(async () => {
  server = await startScimServer();
  id = String(Object(await (await send('POST', '/Users', { userName: 'ann' })).json()).id);
});
afterAll(() => server.stop());

const patch = (operation: object) => send('PATCH', `/Users/${id}`, { Operations: [operation] });
const PLACES: Readonly<Record<string, (text: string) => Promise<Response>>> = {
  'a filter': (text) => send('POST', '/Users/.search', { filter: text }),
  'a value in a filter': (text) =>
    send('POST', '/Users/.search', { filter: `userName eq ${JSON.stringify(text)}` }),
  'what is to be shown': (text) => send('POST', '/Users/.search', { attributes: [text] }),
  'an order': (text) => send('POST', '/Users/.search', { sortBy: text }),
  'the path of a PATCH': (text) => patch({ op: 'add', path: text, value: 'x' }),
  'a URN in the path of a PATCH': (text) => patch({ op: 'add', path: `urn:u${text}`, value: 'x' }),
  'a filter in the path of a PATCH': (text) => patch({ op: 'remove', path: `emails[type eq ${text}` }),
  'a name in the value of a PATCH': (text) => patch({ op: 'add', value: { [text]: 'x' } }),
  'a user name': (text) => send('POST', '/Users', { userName: text }),
  'a photo': (text) =>
    send('POST', '/Users', { userName: 'p', photos: [{ value: `data:image/png;${text}` }] }),
  'a member': (text) => send('POST', '/Groups', { displayName: 'g', members: [{ value: text }] }),
  'a bulk id': (text) =>
    send('POST', '/Bulk', { Operations: [{ method: 'POST', path: '/Users', bulkId: text, data: {} }] }),
};

describe('a hostile text', { timeout: 120_000 }, () => {
  it.each(Object.entries(PLACES))(
    'as %s is answered in a time that grows as the text does',
    async (_, ask) => {
      let asked = 0;
      for (const repeated of REPEATED) {
        for (const size of SIZES) {
          const begin = performance.now();
          const { status } = await ask(
            `${repeated.repeat(Math.ceil(size / JSON.stringify(repeated).length))}!`,
          );
          const took = performance.now() - begin;
          expect([200, 201, 204, 400, 404, 409, 413], `${status} to ${repeated}`).toContain(status);
          expect(took, `${JSON.stringify(repeated)}, ${size} characters`).toBeLessThan(MOST);
          asked += 1;
        }
      }
      expect(asked).toBe(REPEATED.length * SIZES.length);
    },
  );

  it('as a token is refused as any other', async () => {
    for (const repeated of ['a', 'Bearer ', ' ', 'a ', '=']) {
      const text = repeated.repeat(Math.floor(14_000 / repeated.length));
      const begin = performance.now();
      expect((await send('GET', '/Users', undefined, `${text}!`)).status).toBe(401);
      expect(performance.now() - begin).toBeLessThan(MOST);
    }
  });

  it('as an alias or in a group map is read or refused in time', () => {
    for (const repeated of REPEATED) {
      const text = repeated.repeat(200_000 / repeated.length);
      const begin = performance.now();
      expect(parseRoomAlias(`#${text}:x`)).toBeUndefined();
      for (const map of [
        text,
        `{"g": ${JSON.stringify(`#${text}`)}}`,
        `{${JSON.stringify(text)}: "#a:x.org"}`,
      ]) {
        try {
          parseGroupMap(map);
        } catch (error) {
          expect(error).toBeInstanceOf(GroupMapError);
        }
      }
      expect(performance.now() - begin, JSON.stringify(repeated)).toBeLessThan(2 * MOST);
    }
  });
});

describe('a group map nested without end', () => {
  it.each(['[', '{"a":', '{"g":['])('of %j is refused at the place where it is too deep', (part) => {
    try {
      parseGroupMap(part.repeat(100_000));
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toMatch(/1:\d+: this is nested deeper than 50 levels, which no map is$/);
    }
  });

  it('is none if its brackets are in texts and comments', () => {
    const map = `{ /* ${'['.repeat(100)} */ "g": [], "name:${'{'.repeat(100)}": [] }`;
    expect(parseGroupMap(map).rules).toHaveLength(2);
  });
});
