import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { GroupMapError } from '../../src/plan/group-map.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { recorder, SERVER } from '../support/homeserver/recorder.ts';
import { TOKEN } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const URN = 'urn:example:params:scim:schemas:extension:2.0:User';

let server: ScimServer;
beforeAll(async () => {
  server = await startScimServer();
});
afterAll(() => server.stop());

/** What every object has, before anything hostile came. */
const BORN_WITH = Object.getOwnPropertyNames(Object.prototype).toSorted();
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(BORN_WITH);
  expect(Object.getOwnPropertyNames(Array.prototype)).not.toContain('polluted');
  const fresh: Record<string, unknown> = {};
  expect([fresh.polluted, fresh.admin, fresh.userName, fresh.active]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

/** `body` is JSON as text, since an object can't be written with such names. */
async function send(method: string, path: string, body?: string) {
  const response = await fetch(server.scim + path, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, text, json: text === '' ? {} : JSON.parse(text) };
}

let count = 0;
async function person(): Promise<string> {
  count += 1;
  return (await send('POST', '/Users', `{"userName":"person-${count}"}`)).json.id;
}

const POISON = '{"polluted":true,"admin":true}';

describe('a name that every object has', { timeout: 60_000 }, () => {
  it.each(NAMES)('%s is refused or is an attribute like others, at every depth of a body', async (name) => {
    const shapes = [
      `{"userName":"a-${name}","${name}":${POISON}}`,
      `{"userName":"b-${name}","name":{"${name}":${POISON}}}`,
      `{"userName":"c-${name}","emails":[{"value":"a@b","${name}":${POISON}}]}`,
      `{"userName":"d-${name}","${URN}":{"${name}":${POISON}}}`,
      `{"userName":"e-${name}","${URN}":{"x":{"${name}":{"${name}":${POISON}}}}}`,
      `{"userName":"f-${name}","meta":{"${name}":${POISON}}}`,
      `{"userName":"g-${name}","schemas":["${name}"]}`,
    ];
    for (const shape of shapes) {
      const id = await person();
      for (const { status, json } of [
        await send('POST', '/Users', shape),
        await send('PUT', `/Users/${id}`, shape),
      ]) {
        // 409: the user of before has the name.
        expect([200, 201, 400, 409]).toContain(status);
        if (name === '__proto__' && shape.includes('__proto__":')) expect(status).toBe(400);
        if (status < 300) expect(json.userName).toMatch(/^[a-g]-/);
      }
      expect((await send('GET', `/Users/${id}`)).json.active).not.toBe(false);
    }
    const group = `{"displayName":"group ${name}","${name}":${POISON},"members":[{"value":"${name}","${name}":${POISON}}]}`;
    expect([201, 400]).toContain((await send('POST', '/Groups', group)).status);
  });

  it.each(NAMES)('%s is no way into a resource by PATCH', async (name) => {
    const id = await person();
    const paths = [
      name,
      `name.${name}`,
      `${name}.polluted`,
      `emails.${name}`,
      `emails[type eq "work"].${name}`,
      `emails[${name} eq "x"].value`,
      `${name}[value eq "x"].polluted`,
      `${URN}:${name}`,
      `${URN}:${name}.polluted`,
      `${URN}:x.${name}`,
    ];
    const values = [
      'true',
      POISON,
      `[${POISON}]`,
      `{"${name}":${POISON}}`,
      `{"${name}.polluted":true}`,
      `{"name.${name}":true}`,
    ];
    let asked = 0;
    for (const op of ['add', 'replace', 'remove']) {
      for (const path of [...paths, undefined]) {
        for (const value of values) {
          const operation = `{"op":"${op}"${path === undefined ? '' : `,"path":${JSON.stringify(path)}`},"value":${value}}`;
          const { status } = await send('PATCH', `/Users/${id}`, `{"Operations":[${operation}]}`);
          expect([200, 204, 400], operation).toContain(status);
          asked += 1;
        }
      }
    }
    expect(asked).toBe(198);
    const { status, json } = await send('GET', `/Users/${id}`);
    expect([status, json.userName]).toEqual([200, `person-${count}`]);
  });

  it.each(NAMES)(
    '%s means nothing in filters, sorting, projections, parameters and bulk ids',
    async (name) => {
      await person();
      const queries = [
        `filter=${name} pr`,
        `filter=${name} eq "x"`,
        `filter=name.${name} pr`,
        `filter=emails[${name} eq "x"]`,
        `filter=${URN}:${name} pr`,
        `sortBy=${name}`,
        `sortBy=name.${name}`,
        `attributes=${name}`,
        `attributes=userName,${name}.x,name.${name}`,
        `excludedAttributes=${name},emails.${name}`,
        `${name}=x`,
        `${name}[polluted]=true`,
      ];
      for (const query of queries) {
        const { status, json } = await send(
          'GET',
          `/Users?${query.replaceAll(' ', '%20').replaceAll('"', '%22')}`,
        );
        expect([200, 400], query).toContain(status);
        if (query.includes('filter') && status === 200 && name === '__proto__')
          expect(json.totalResults).toBe(0);
      }
      const bulk = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
      {"method":"${name}","path":"/Users","bulkId":"${name}","data":{}},
      {"method":"DELETE","path":"/${name}/x"},
      {"method":"POST","path":"/Groups","bulkId":"${name}","data":{"displayName":"bulk ${name}","members":[{"value":"bulkId:constructor"}]}}]}`;
      const { status, json } = await send('POST', '/Bulk', bulk);
      expect([200, 400]).toContain(status);
      for (const each of json.Operations ?? []) expect(each.status).not.toBe('500');
      expect((await send('GET', `/Schemas/${name}`)).status).toBe(404);
      expect((await send('GET', `/ResourceTypes/${name}`)).status).toBe(404);
    },
  );

  it.each(NAMES)('%s is a key of the group map like others, or refused', (name) => {
    for (const map of [
      `{"${name}":"#a:x.org"}`,
      `{"name:${name}":"#a:x.org"}`,
      `{"g":{"room":"#a:x.org","${name}":{"polluted":true}}}`,
      `{"g":{"room":"#a:x.org","mode":"${name}"}}`,
      `{"g":{"room":"#a:x.org","create":{"${name}":true}}}`,
    ]) {
      try {
        const { rules } = parseGroupMap(map);
        expect(rules).toHaveLength(1);
        expect(rules[0]?.targets).toHaveLength(1);
      } catch (error) {
        expect(error).toBeInstanceOf(GroupMapError);
      }
    }
  });

  it.each(NAMES)('%s in an answer of the homeserver is data, and changes no other object', async (name) => {
    const event = (type: string, content: string) =>
      `{"type":"${type}","state_key":"","sender":"@usher:${SERVER}","content":${content}}`;
    const power = `{"users":{"${name}":${POISON},"@ann:${SERVER}":50},"events":{"${name}":99},"${name}":${POISON}}`;
    const state = `[${event('m.room.create', `{"room_version":"11","${name}":${POISON}}`)},${event('m.room.power_levels', power)},${event('m.room.name', `{"${name}":"x"}`)}]`;
    const { homeserver } = await recorder(() =>
      JSON.parse(`{"${name}":${POISON},"state":${state},"memberships":{"!a:${SERVER}":"join","${name}":"join"},
        "name":"@ann:${SERVER}","external_ids":[{"auth_provider":"x","external_id":"y","${name}":${POISON}}],"threepids":[],
        "errcode":"${name}","members":["${name}","@ann:${SERVER}"]}`),
    );
    const room = `!a:${SERVER}` as RoomId;
    const found = await homeserver.room(room).catch((error: unknown) => String(error));
    if (typeof found === 'object') expect(found?.powerLevels.usersDefault).toBe(0);
    expect((await homeserver.account(`@ann:${SERVER}` as UserId))?.admin).toBe(false);
    expect([...((await homeserver.joinedMembers(room)) ?? [])]).toEqual([`@ann:${SERVER}`]);
    await expect(homeserver.memberships(`@ann:${SERVER}` as UserId)).rejects.toMatchObject({
      kind: 'protocol',
    });
  });
});
