import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, ENTERPRISE, group, patch, user } from '../support/scim/client.ts';
import { head, sendRaw } from '../support/scim/raw.ts';
import { bulk, ERROR, many, nested, startTrial, type Trial } from '../support/scim/trial.ts';

vi.setConfig({ testTimeout: 30_000 });

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial.server.stop());
afterEach(() => {
  trial.expectNoFault();
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
});

type Sent = readonly [method: string, path: string, body: string];

const BULK_OF_ONE =
  '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"1","data":';

/** Where a client can put JSON. */
const BODIES: readonly [string, (json: string) => Sent][] = [
  ['POST /Users', (json) => ['POST', '/Users', `{"userName":"bad","x":${json}}`]],
  ['PUT /Users/{id}', (json) => ['PUT', `/Users/${trial.ann}`, `{"userName":"bad","name":{"x":${json}}}`]],
  ['POST /Groups', (json) => ['POST', '/Groups', `{"displayName":"bad","x":{"y":${json}}}`]],
  ['PATCH /Groups/{id}', (json) => patching(`{"op":"add","value":{"x":${json}}}`)],
  ['POST /Bulk', (json) => ['POST', '/Bulk', `${BULK_OF_ONE}{"userName":"bad","x":${json}}}]}`]],
  ['POST /.search', (json) => ['POST', '/.search', `{"x":${json}}`]],
];

const patching = (operation: string): Sent => [
  'PATCH',
  `/Groups/${trial.staff}`,
  `{"Operations":[${operation}]}`,
];

describe.each(BODIES)('%s', (_, request) => {
  it.each<[string, string, string]>([
    ['lists in lists', nested('[', ']', 10_000), 'invalidSyntax'],
    ['objects in objects', nested('{"a":', '}', 10_000).replace(':}', ':1}'), 'invalidSyntax'],
    ['more levels than any resource has', nested('[', ']', 17), 'invalidSyntax'],
    ['half a surrogate pair', '"\\ud800"', 'invalidValue'],
    ['the other half', '"a\\udc00b"', 'invalidValue'],
    ['the halves the wrong way round', '"\\udc00\\ud800"', 'invalidValue'],
    ['a NUL character', '"a\\u0000b"', 'invalidValue'],
    ['a name with half a surrogate pair', '{"\\ud800":1}', 'invalidValue'],
    ['a name with a NUL character', '{"a\\u0000":1}', 'invalidValue'],
    ['a number beyond all numbers', '[1e400]', 'invalidValue'],
    ['a name that reaches a prototype', '{"__proto__":{"polluted":1}}', 'invalidSyntax'],
    ['the same name in disguise', '{"\\u005f_proto__":{"polluted":1}}', 'invalidSyntax'],
    ['1,001 attributes', `{${many(1001, (index) => `"k${index}":1`).join()}}`, 'invalidValue'],
    ['nothing where something is due', '', 'invalidSyntax'],
    ['trailing garbage', '1}}', 'invalidSyntax'],
    ['a control character', '"a\nb"', 'invalidSyntax'],
  ])('is refused with %s', async (_, json, scimType) => {
    await trial.expectRefusal(() => trial.send(...request(json)), 400, scimType);
  });
});

describe('a body', () => {
  it.each([
    ...['', ' ', 'null', 'true', '[]', '[{}]', '"x"', '5', 'NaN', '\u0000'],
    ...['{"userName":"a"} x', '{"userName":"a"}{}', '{"userName":"a",}', "{'userName':'a'}"],
  ])('is refused if it is no JSON object: %j', async (body) => {
    const targets: Sent[] = [
      ['POST', '/Users', body],
      ['PUT', `/Users/${trial.ann}`, body],
      ['PATCH', `/Groups/${trial.staff}`, body],
      ['POST', '/Bulk', body],
      ['POST', '/.search', body],
    ];
    for (const sent of targets) await trial.expectRefusal(() => trial.send(...sent), 400, 'invalidSyntax');
  });

  it.each<[string, Buffer]>([
    ['a byte that is none', Buffer.from([0xff])],
    ['a letter that is cut off', Buffer.from('é').subarray(0, 1)],
    ['a letter of four bytes that is cut off', Buffer.from('😀').subarray(0, 3)],
    ['half a surrogate pair', Buffer.from([0xed, 0xa0, 0x80])],
    ['a slash in two bytes', Buffer.from([0xc0, 0xaf])],
    ['Latin-1', Buffer.from('José', 'latin1')],
  ])('is refused if it is no UTF-8: %s', async (_, bytes) => {
    const before = await trial.world();
    const body = Buffer.concat([Buffer.from('{"userName":"bad","title":"'), bytes, Buffer.from('"}')]);
    const headers = `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;

    const answer = await trial.inTime(() => sendRaw(trial.server, head('POST', '/Users') + headers, body));

    expect(answer).toMatchObject({ status: 400, body: { schemas: [ERROR], scimType: 'invalidSyntax' } });
    expect(await trial.world()).toEqual(before);
  });

  it('keeps what is unusual, and yet text', async () => {
    const sent = { title: 'a\ufffdb', nickName: '\u{1f600} \u202e \ufeff \u007f', displayName: '\\ud800' };
    const body = JSON.stringify(user('unusual', sent)).replace('\u{1f600}', '\\ud83d\\ude00');

    const answer = await trial.inTime(() => trial.send('POST', '/Users', `\ufeff${body}`));

    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject(sent);
  });

  it('counts the last of two equal names, and is refused if only their case differs', async () => {
    const twice = '{"userName":"first","userName":"second","x":{"a":1,"a":2}}';
    const alike = '{"userName":"third","UserName":"fourth"}';

    const { body } = await trial.inTime(() => trial.send('POST', '/Users', twice));

    expect(body).toMatchObject({ userName: 'second', x: { a: 2 } });
    await trial.expectRefusal(() => trial.send('POST', '/Users', alike), 400, 'invalidSyntax');
  });
});

describe('half a letter', () => {
  const half = '"a\\ud800"';

  it.each<[string, () => Sent, string]>([
    ['as user name', () => ['POST', '/Users', `{"userName":${half}}`], 'invalidValue'],
    ['as external id', () => ['POST', '/Users', `{"userName":"bad","externalId":${half}}`], 'invalidValue'],
    ['as display name', () => ['POST', '/Groups', `{"displayName":${half}}`], 'invalidValue'],
    ['as member', () => ['POST', '/Groups', `{"displayName":"bad","members":[${half}]}`], 'invalidValue'],
    ['as member to add', () => patching(`{"op":"add","path":"members","value":[${half}]}`), 'invalidValue'],
    ['as path', () => patching(`{"op":"add","path":${half},"value":1}`), 'invalidValue'],
    [
      'in brackets',
      () => patching(`{"op":"remove","path":${JSON.stringify(`members[value eq ${half}]`)}}`),
      'invalidPath',
    ],
    [
      'as bulk id',
      () => ['POST', '/Bulk', `${BULK_OF_ONE.replace('"1"', half)}{"userName":"bad"}}]}`],
      'invalidValue',
    ],
    [
      'in a search',
      () => ['POST', '/.search', JSON.stringify({ filter: `members.value eq ${half}` })],
      'invalidFilter',
    ],
  ])('is refused %s', async (_, sent, scimType) => {
    await trial.expectRefusal(() => trial.send(...sent()), 400, scimType);
  });

  it.each([`userName eq ${half}`, 'userName eq "\\u0000"', 'userName eq "%00"', 'userName eq a%00b'])(
    'is refused in a filter, and so is NUL: %s',
    async (filter) => {
      await trial.expectRefusal(() => trial.send('GET', `/Users?filter=${filter}`), 400, 'invalidFilter');
    },
  );
});

/** Names that every object has without having been given them. */
const INHERITED = ['constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'];

describe('a name that objects inherit', () => {
  it('is one like any other where a client makes up names', async () => {
    const made = (value: unknown) => Object.fromEntries(INHERITED.map((name) => [name, value]));
    const emails = [{ value: 'c@x', ...made(1) }];
    const sent = { ...made({ polluted: 1 }), name: made('x'), emails, [ENTERPRISE]: made('y') };

    const { status, body } = await trial.inTime(() => trial.send('POST', '/Users', user('made up', sent)));

    const shown = await trial.send('GET', `/Users/${body.id}?attributes=constructor,name.toString`);
    expect(status).toBe(201);
    expect((await trial.send('GET', `/Users/${body.id}`)).body).toMatchObject(sent);
    expect(shown.body.constructor).toEqual({ polluted: 1 });
    expect(shown.body.name).toEqual({ toString: 'x' });
  });

  it('is none that a user has by herself', async () => {
    const names = [...INHERITED, '__proto__'].join();
    const { body } = await trial.send('GET', `/Users/${trial.ann}?attributes=${names}`);
    expect(Object.keys(body).sort()).toEqual(['id', 'schemas']);
  });

  it.each([...INHERITED, '__proto__'])('means nothing to a filter, nor to sort by: %s', async (name) => {
    const refused = (query: string, scimType: string) =>
      trial.expectRefusal(() => trial.send('GET', `/Users?${query}`), 400, scimType);
    for (const path of [name, `name.${name}`, `${ENTERPRISE}:${name}`, `urn:x:${name}`]) {
      await refused(`filter=${path} eq "x"`, 'invalidFilter');
      await refused(`sortBy=${path}`, 'invalidValue');
    }
    await refused(`filter=emails[${name} pr]`, 'invalidFilter');
  });

  it.each([...INHERITED, '__proto__'])('is nothing that PATCH can reach: %s', async (name) => {
    const within = [name, `name.${name}`, `${ENTERPRISE}:${name}`, `emails[type eq "work"].${name}`];
    for (const path of [...within, `${name}.polluted`]) {
      const body = patch({ op: 'add', path, value: { polluted: 1 } });
      const { status } = await trial.inTime(() => trial.send('PATCH', `/Users/${trial.ann}`, body));
      expect([200, 400]).toContain(status);
    }
    expect((await trial.send('GET', '/Users?filter=userName eq "ann"')).body.totalResults).toBe(1);
  });

  it.each([...INHERITED, '__proto__'])('is a bulk id and a parameter like any other: %s', async (name) => {
    const members = [{ value: `bulkId:${name}` }];
    const request = bulk(
      { method: 'POST', path: '/Users', bulkId: name, data: user(`bulk ${name}`) },
      { method: 'POST', path: '/Groups', bulkId: 'g', data: group(`bulk ${name}`, { members }) },
      { method: 'DELETE', path: `/Users/bulkId:${name}` },
      { method: name, path: '/Users' },
      { method: 'POST', path: `/${name}`, bulkId: 'e', data: {} },
    );

    const { body } = await trial.inTime(() => trial.send('POST', '/Bulk', request));

    const statuses = body.Operations.map(({ status }: { status: string }) => status);
    expect(statuses).toEqual(['201', '201', '204', '400', '404']);
    expect((await trial.send('GET', `/Users?${name}=1&${name}[polluted]=1`)).status).toBe(200);
  });
});

describe('a number', () => {
  it.each<[string, number]>([
    ['count=999999999', 1],
    ['count=999999999999999999999999', 1],
    ['startIndex=999999999999999999999', 0],
    ['startIndex=-999999999999999999999', 1],
    ['count=-1', 0],
    ['count=-0', 0],
  ])('may be as large as it likes in a listing: %s', async (query, found) => {
    const path = `/Users?filter=userName eq "ann"&${query}`;
    const { status, body } = await trial.inTime(() => trial.send('GET', path));
    expect(status).toBe(200);
    expect(body).toMatchObject({ totalResults: 1, itemsPerPage: found });
    expect(Number.isSafeInteger(body.startIndex)).toBe(true);
  });

  it.each([
    ...['count=1e400', 'count=NaN', 'count=Infinity', 'count=1.5', 'count=1&count=2'],
    ...['startIndex=x', 'startIndex=1e308'],
  ])('is refused if it is no integer: %s', async (query) => {
    await trial.expectRefusal(() => trial.send('GET', `/Users?${query}`), 400, 'invalidValue');
  });

  it.each([-1, 0, 1.5, '1', true])(
    'is refused if errors can not be counted by it: %j',
    async (failOnErrors) => {
      const body = { ...bulk(), failOnErrors };
      await trial.expectRefusal(() => trial.send('POST', '/Bulk', body), 400, 'invalidSyntax');
    },
  );

  it('is kept if it is one, however odd', async () => {
    const odd = '{"userName":"odd","x":[-0,1e308,5e-324,0.1,-1E+2]}';
    const { body } = await trial.inTime(() => trial.send('POST', '/Users', odd));
    expect(body.x).toEqual([0, 1e308, 5e-324, 0.1, -100]);
  });
});

describe('a name', () => {
  const endless = `urn:${':1:a'.repeat(20_000)}\n`;

  it('may be endless where it means nothing', async () => {
    const { status } = await trial.inTime(() =>
      trial.send('POST', '/Users', { userName: 'long', [endless]: 1 }),
    );
    expect(status).toBe(201);
    await trial.expectRefusal(
      () => trial.send('POST', '/Users/.search', { sortBy: endless }),
      400,
      'invalidValue',
    );
  });

  it('of something to show is looked for in no time, however many there are', async () => {
    const part = () => Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`k${index}`, 1]));
    const body = { userName: 'wide', x: Array.from({ length: 80 }, part) };
    const { body: made } = await trial.send('POST', '/Users', body);
    const attributes = Array.from({ length: 2_500 }, (_, index) => `x.z${index}`).join();
    const search = { filter: `id eq "${made.id}"`, attributes };
    const { status } = await trial.inTime(() => trial.send('POST', '/Users/.search', search));
    expect(status).toBe(200);
  });
});

describe('a resource', () => {
  it('is refused if it is more than a megabyte, also bit by bit', async () => {
    const part = (name: string) => ({ [name]: Array.from({ length: 60 }, () => 'x'.repeat(9_000)) });
    const { body: made } = await trial.send('POST', '/Users', { userName: 'large', ...part('a') });
    const path = `/Users/${made.id}`;
    const body = { Operations: [{ op: 'add', value: part('b') }] };
    await trial.expectRefusal(() => trial.send('PATCH', path, body), 400, 'invalidValue');
    const whole = { userName: 'larger', ...part('a'), ...part('b') };
    await trial.expectRefusal(() => trial.send('POST', '/Users', whole), 400, 'invalidValue');
  });
});

describe('an address', () => {
  it.each([
    ...['a%2Fb', '..%2F..', '%', '%ff', '%zz', '%00', '%C3%28', '...', '%F0%9F%98%80'],
    ...['x'.repeat(12_000), "'; DROP TABLE users; --", '$(id)', '[object Object]'],
  ])('that leads to nobody is not found: %.20s', async (id) => {
    const requests: readonly [string, object?][] = [
      ['GET'],
      ['PUT', user('bad')],
      ['PATCH', patch()],
      ['DELETE'],
    ];
    for (const [method, body] of requests) {
      await trial.expectRefusal(() => trial.send(method, `/Users/${id}`, body), 404);
    }
  });

  it.each(['%ff', 'Users%', 'Users/%ff/%ff', 'Schemas/%ff', '%00'])(
    'that leads nowhere is a SCIM error: %s',
    async (path) => {
      await trial.expectRefusal(() => trial.send('GET', `/${path}`), 404);
    },
  );

  it.each([
    ['filter=%ff', 400],
    ['filter=%', 400],
    ['filter=userName eq "%ff"', 200],
    ['attributes=%ff,%', 200],
    ['%ff=%ff&%=%&=&&&', 200],
    ['filter=userName eq "a"&filter=userName eq "b"', 400],
  ])('may ask in broken letters: ?%s', async (query, status) => {
    expect((await trial.inTime(() => trial.send('GET', `/Users?${query}`))).status).toBe(status);
  });
});

describe('a member', () => {
  it('may have an id that no address can have', async () => {
    const odd = ['a/b', '..', '%ff', 'x'.repeat(10_000), ' padded ', '"quoted"', 'bulkId', '😀'];
    const body = group('odd', { members: odd.map((value) => ({ value })) });

    const answer: Answer = await trial.inTime(() => trial.send('POST', '/Groups', body));

    const values = answer.body.members.map(({ value }: { value: string }) => value);
    expect(values.sort()).toEqual(odd.sort());
    const found = await trial.send('GET', '/Groups?filter=members.value eq "a/b"');
    expect(found.body.totalResults).toBe(1);
  });

  it.each([
    [[null, {}]],
    [[5]],
    [[{ value: 5 }]],
    [[{ value: '' }]],
    [[{ value: ' ' }]],
    [[['x']]],
    [7],
    [true],
  ])('is refused without an id: %j', async (members) => {
    const whole = group('bad', { members });
    const added = patch({ op: 'add', path: 'members', value: members });
    const path = `/Groups/${trial.staff}`;
    await trial.expectRefusal(() => trial.send('POST', '/Groups', whole), 400, 'invalidValue');
    await trial.expectRefusal(() => trial.send('PUT', path, whole), 400, 'invalidValue');
    await trial.expectRefusal(() => trial.send('PATCH', path, added), 400, 'invalidValue');
  });
});
