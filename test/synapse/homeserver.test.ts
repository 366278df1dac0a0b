import { HttpResponse, http, type JsonBodyType } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRoomAlias, parseRoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { createSynapseClient } from '../../src/synapse/client.ts';
import { createSynapseHomeserver, identify } from '../../src/synapse/homeserver.ts';
import { failureOf } from './failure.ts';

const BASE = 'http://synapse.invalid';
const ROOM = required(parseRoomId('!room:example.org'));
const [bot, ann] = [userId('usher', 'example.org'), userId('ann', 'example.org')];

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const client = createSynapseClient({ baseUrl: BASE, token: 'token', timeoutMs: 5_000 });
const homeserver = createSynapseHomeserver({ client, bot });

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('undefined');
  return value;
}

/** Answers requests whose path, decoded, ends so. */
function answer(pathEnd: string, body: JsonBodyType, status = 200): void {
  const matches = ({ request }: { request: Request }) =>
    decodeURIComponent(new URL(request.url).pathname).endsWith(pathEnd);
  server.use(http.all(matches, () => HttpResponse.json(body, { status })));
}

const NOBODY = { displayName: undefined, externalId: undefined, email: undefined };
const event = (type: string, stateKey: string, content: object, sender: string = ann) => ({
  type,
  state_key: stateKey,
  sender,
  content,
});
const create = event('m.room.create', '', { room_version: '9' });

describe('Synapse homeserver', () => {
  it('tells a token without admin rights from one with them', async () => {
    answer('/whoami', { user_id: ann });
    answer('/server_version', { server_version: '1.99.0' });
    answer(`/users/${ann}`, { errcode: 'M_FORBIDDEN', error: 'You are not a server admin' }, 403);
    expect(await identify(client)).toEqual({ userId: ann, admin: false, serverVersion: '1.99.0' });
  });

  it.each([
    ['an account that is to be made', 'PUT', () => homeserver.createAccount(ann, NOBODY)],
    ['a lock', 'PUT', () => homeserver.restrict(ann, 'lock')],
    ['a suspension', 'PUT', () => homeserver.restrict(ann, 'suspend')],
    ['an erasure', 'POST', () => homeserver.restrict(ann, 'erase')],
    ['a join', 'POST', () => homeserver.join(ROOM, ann)],
    ['a kick', 'POST', () => homeserver.kick(ROOM, ann, 'because')],
    ['a room that is to be taken', 'POST', () => homeserver.takeRoom(ROOM)],
    ['power levels', 'PUT', () => homeserver.setPowerLevels(ROOM, new Map([[ann, 50]]))],
    ['a child of a space', 'PUT', () => homeserver.addChild(ROOM, ROOM)],
  ] as const)('does not take %s for done by JSON that says nothing of it', async (_, method, make) => {
    for (const body of [[], null, 'x']) {
      server.resetHandlers();
      answer(`/users/${ann}`, { name: ann, external_ids: [], threepids: [] });
      answer('/m.room.member/@usher:example.org', event('m.room.member', bot, { membership: 'join' }));
      answer('/m.room.create/', create);
      answer('/m.room.power_levels/', event('m.room.power_levels', '', {}));
      answer(`/m.space.child/${ROOM}`, event('m.space.child', ROOM, {}));
      let isAsked = false;
      const matches = ({ request }: { request: Request }) => request.method === method;
      server.use(
        http.all(matches, () => {
          isAsked = true;
          return HttpResponse.json(body);
        }),
      );
      expect(await failureOf(make())).toMatchObject({ kind: 'protocol' });
      expect(isAsked).toBe(true);
    }
  });

  it('does not take a name for free by JSON that does not say so', async () => {
    answer('/username_available', {});
    expect(await failureOf(homeserver.isNameFree(ann))).toMatchObject({ kind: 'protocol' });
  });

  it.each([
    ['no object', []],
    ['no name', { external_ids: [], threepids: [] }],
    ['a name that is no user id', { name: 'ann', external_ids: [], threepids: [] }],
    ['no list of external ids', { name: ann, threepids: [] }],
    ['a list of external ids that are none', { name: ann, threepids: [], external_ids: [{ id: 'x' }] }],
    ['a flag that is text', { name: ann, threepids: [], external_ids: [], locked: 'False' }],
  ])('does not take an account with %s for one', async (_, body) => {
    answer(`/users/${ann}`, body);
    expect(await failureOf(homeserver.account(ann))).toMatchObject({ kind: 'protocol' });
  });

  it('reads an account of an older Synapse, which has fewer flags, some as numbers', async () => {
    answer(`/users/${ann}`, {
      name: ann,
      displayname: null,
      admin: 1,
      deactivated: 0,
      threepids: [],
      external_ids: [],
    });
    expect(await homeserver.account(ann)).toEqual({
      userId: ann,
      displayName: undefined,
      externalIds: [],
      threepids: [],
      admin: true,
      appservice: false,
      deactivated: false,
      locked: false,
      suspended: false,
      avatarUrl: undefined,
    });
  });

  it('does not page for ever through a list that says it goes on, but does not', async () => {
    answer('/v2/users', { users: [], next_token: '0', total: 1 });
    const listing = async () => {
      for await (const account of homeserver.accounts()) expect(account).toBeUndefined();
    };
    expect(await failureOf(listing())).toMatchObject({ kind: 'protocol' });
  });

  it('asks for the next page only when it is needed', async () => {
    const user = (name: string) => ({ name: userId(name, 'example.org') });
    const asked: (string | null)[] = [];
    const pages = http.get(`${BASE}/_synapse/admin/v2/users`, ({ request }) => {
      const from = new URL(request.url).searchParams.get('from');
      asked.push(from);
      if (from === '0') return HttpResponse.json({ users: [user('a'), user('b')], next_token: '2' });
      return HttpResponse.json({ users: [user('c')] });
    });
    server.use(pages);
    const names: string[] = [];
    for await (const account of homeserver.accounts()) {
      if (names.length < 2) expect(asked).toEqual(['0']);
      names.push(account.userId);
    }
    expect(names).toEqual(['@a:example.org', '@b:example.org', '@c:example.org']);
    expect(asked).toEqual(['0', '2']);
  });

  it('takes a missing path of the API for no answer to whether an account exists', async () => {
    answer(`/users/${ann}`, { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' }, 404);
    expect(await failureOf(homeserver.account(ann))).toMatchObject({ kind: 'protocol' });
  });

  it('does not take a proxy that is down for an alias of a remote server', async () => {
    const alias = required(parseRoomAlias('#room:elsewhere.org'));
    answer(`/directory/room/${alias}`, 'Bad Gateway', 502);
    expect(await failureOf(homeserver.resolveAlias(alias))).toMatchObject({ kind: 'unavailable' });
  });

  it('rejects with what kept it from reading, when it can not tell whether a refused kick is needed', async () => {
    answer('/kick', { errcode: 'M_FORBIDDEN', error: 'no' }, 403);
    answer(`/state/m.room.member/${bot}`, { errcode: 'M_UNKNOWN', error: 'oops' }, 500);
    expect(await failureOf(homeserver.kick(ROOM, ann, ''))).toMatchObject({ kind: 'unavailable' });
  });

  it('does not take an answer without an mxc:// URI for an upload', async () => {
    const image = { bytes: new Uint8Array([1]), contentType: 'image/png' };
    for (const body of [{}, { content_uri: 'https://example.org/1' }]) {
      answer('/media/v3/upload', body);
      expect(await failureOf(homeserver.upload(image))).toMatchObject({ kind: 'protocol' });
    }
  });

  it('tells a name that is not free from a question that was not answered', async () => {
    answer('/username_available', { errcode: 'M_LIMIT_EXCEEDED', error: 'wait' }, 429);
    expect(await failureOf(homeserver.isNameFree(ann))).toMatchObject({ kind: 'throttled' });
  });

  describe('the levels that are set', () => {
    /** What is sent when the levels of the room are these. */
    async function sent(
      created: object,
      content: object | undefined,
      levels: ReadonlyMap<UserId, number | undefined>,
    ): Promise<unknown> {
      let put: unknown;
      answer(`/state/m.room.member/${bot}`, event('m.room.member', bot, { membership: 'join' }));
      answer('/state/m.room.create/', created);
      const missing = { errcode: 'M_NOT_FOUND', error: 'Event not found.' };
      const path = `${BASE}/_matrix/client/v3/rooms/:roomId/state/m.room.power_levels/`;
      server.use(
        http.get(path, () =>
          content === undefined
            ? HttpResponse.json(missing, { status: 404 })
            : HttpResponse.json(event('m.room.power_levels', '', content)),
        ),
        http.put(path, async ({ request }) => {
          put = await request.json();
          return HttpResponse.json({ event_id: '$event' });
        }),
      );
      await homeserver.setPowerLevels(ROOM, levels);
      return put;
    }

    it('turn text into numbers, which Synapse insists on, and leave alone what is no level', async () => {
      const content = {
        users: { [ann]: '100', [bot]: '50 ' },
        kick: ' 70',
        events: { 'm.room.name': '60' },
        'org.example': { note: '5' },
        note: 'text',
      };
      expect(await sent(create, content, new Map([[bot, 40]]))).toEqual({
        users: { [ann]: 100, [bot]: 40 },
        kick: 70,
        events: { 'm.room.name': 60 },
        'org.example': { note: '5' },
        note: 'text',
      });
      expect(await sent(create, content, new Map([[bot, 50]]))).toBeUndefined();
    });

    it('stand beside those that a room without any implies', async () => {
      const levels = new Map([[bot, 40]]);
      expect(await sent(create, undefined, levels)).toEqual({ users: { [ann]: 100, [bot]: 40 } });
      const twelve = event('m.room.create', '', { room_version: '12' });
      expect(await sent(twelve, undefined, levels)).toEqual({ users: { [bot]: 40 } });
    });
  });

  it('reads who has power as an admin where the bot is not, also from a Synapse that sends the whole state', async () => {
    answer(`/state/m.room.member/${bot}`, { errcode: 'M_FORBIDDEN', error: 'no' }, 403);
    const content = { users: { [ann]: 60 }, events: { 'm.room.power_levels': '70' } };
    const levels = event('m.room.power_levels', '', content);
    answer('/state', { state: [event('m.room.name', '', { name: 'x' }), levels, create] });
    expect(await homeserver.roomPower(ROOM)).toEqual({
      roomId: ROOM,
      version: '9',
      creators: new Set(),
      powerLevels: { users: new Map([[ann, 60]]), usersDefault: 0, invite: 0, kick: 50, change: 70 },
    });
    expect(await homeserver.children(ROOM)).toEqual([]);
  });

  describe('the state of a room', () => {
    const room = (...events: object[]) => {
      answer('/state', { state: events });
      return homeserver.room(ROOM);
    };

    it('gives the creator power 100 while nobody has set power levels', async () => {
      const levels = { users: new Map([[ann, 100]]), usersDefault: 0, invite: 0, kick: 50, change: 50 };
      expect((await room(create))?.powerLevels).toEqual(levels);
    });

    it('may hold levels as text, as before room version 10', async () => {
      const content = { users: { [ann]: '60' }, users_default: '5', kick: ' 70 ', invite: null };
      expect((await room(create, event('m.room.power_levels', '', content)))?.powerLevels).toEqual({
        users: new Map([[ann, 60]]),
        usersDefault: 5,
        invite: 0,
        kick: 70,
        change: 50,
      });
    });

    it('names creators of version 12 in two places', async () => {
      const content = { room_version: '12', additional_creators: [bot] };
      const read = await room(event('m.room.create', '', content));
      expect(read?.creators).toEqual(new Set([ann, bot]));
    });

    it('is of version 1, closed and without creators above all if it does not say otherwise', async () => {
      const read = await room(event('m.room.create', '', {}));
      expect(read).toMatchObject({ version: '1', joinRule: 'invite', isSpace: false, creators: new Set() });
    });

    it('may have members with ids from before there was a grammar, who are passed over', async () => {
      const joined = { membership: 'join' };
      const read = await room(
        create,
        event('m.room.member', '@:', joined),
        event('m.room.member', ann, joined),
      );
      expect([...(read?.members.keys() ?? [])]).toEqual([ann]);
    });

    it('may have a tombstone that leads nowhere', async () => {
      const read = await room(create, event('m.room.tombstone', '', { body: 'closed' }));
      expect(read?.replacement).toBeUndefined();
    });

    it.each([
      ['without m.room.create', [event('m.room.name', '', { name: 'x' })]],
      ['with an event that has no content', [create, { type: 'm.room.name', state_key: '', sender: ann }]],
      ['with a membership that is none', [create, event('m.room.member', ann, { membership: 'maybe' })]],
      ['with a power level that is none', [create, event('m.room.power_levels', '', { kick: {} })]],
    ])('is no state %s', async (_, events) => {
      expect(await failureOf(room(...events))).toMatchObject({ kind: 'protocol' });
    });
  });
});
