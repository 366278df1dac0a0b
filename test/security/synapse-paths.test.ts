import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomAlias, RoomId, UserId } from '../../src/matrix/ids.ts';
import { deriveAccount } from '../../src/plan/localpart.ts';
import { idsIn, recorder, SERVER, type Seen } from '../support/homeserver/recorder.ts';

/** What an id may try to be: another path, a query, a fragment, something that decoders disagree about. */
const ENDINGS = [
  'a/../../b',
  '../../v1/deactivate/x',
  '..',
  '.',
  '%2e%2e',
  '%2F..%2F',
  '..%2f',
  'a?x=1&admin=true',
  'x#frag',
  'a;b',
  'a\\..\\b',
  'ä ö €',
  '🦊',
  'a\tb',
  'a\r\nX-Forged: 1',
  'a\0b',
  '{userId}',
  '$&',
];

const IDS = ENDINGS.map((ending) => ({
  user: `@${ending}:${SERVER}` as UserId,
  room: `!${ending}:${SERVER}` as RoomId,
  alias: `#${ending}:${SERVER}` as RoomAlias,
  bare: ending,
}));
/** What no path can hold as one of its segments. */
const UNFIT = new Set(['..', '.', '', '\ud800', 'a\udc00b']);

/** As far as each method gets with a homeserver that knows everything. */
function everything({ url }: Seen): unknown {
  const event = (content: object, type = 'm.room.create') => ({
    type,
    state_key: '',
    sender: `@usher:${SERVER}`,
    content: { membership: 'join', room_version: '11', ...content },
  });
  if (/\/state\?type|\/state$/.test(url)) return { state: [event({})] };
  if (url.includes('/state/')) return event({});
  if (url.includes('/members')) return { members: [] };
  if (url.includes('/memberships')) return { memberships: {} };
  if (url.includes('/upload')) return { content_uri: 'mxc://usher.test/a' };
  if (url.includes('/users?')) return { users: [] };
  if (url.includes('/rooms?')) return { rooms: [] };
  return {
    name: `@ann:${SERVER}`,
    user_id: `@ann:${SERVER}`,
    external_ids: [],
    threepids: [],
    room_id: `!a:${SERVER}`,
    server_version: '1',
    admin: true,
  };
}

type Id = (typeof IDS)[number];

/** Every method, each with every id that it takes. A method that is new does not compile before it is here. */
const CALLS: { readonly [Method in keyof Homeserver]: (homeserver: Homeserver, id: Id) => Promise<unknown> } =
  {
    identify: (h) => h.identify(),
    account: (h, { user }) => h.account(user),
    accountByExternalId: (h, { bare }) => h.accountByExternalId({ provider: 'oidc-idp', id: bare }),
    accountByEmail: (h, { bare }) => h.accountByEmail(bare),
    accounts: listed,
    createAccount: (h, { user, bare }) =>
      h.createAccount(user, {
        displayName: bare,
        externalId: { provider: bare, id: bare },
        email: `${bare}@usher.test`,
      }),
    updateAccount: (h, { user, bare }) => h.updateAccount(user, { displayName: bare, avatarUrl: bare }),
    restrict: async (h, { user }) => {
      for (const kind of ['suspend', 'lock', 'deactivate', 'erase'] as const) await h.restrict(user, kind);
    },
    unrestrict: async (h, { user }) => {
      for (const kind of ['suspend', 'lock', 'deactivate', 'erase'] as const) await h.unrestrict(user, kind);
    },
    admins: (h) => h.admins(),
    setAdmin: async (h, { user }) => {
      for (const isAdmin of [true, false]) await h.setAdmin(user, isAdmin);
    },
    upload: (h) => h.upload({ bytes: new Uint8Array(1), contentType: 'image/png' }),
    isNameFree: (h, { user }) => h.isNameFree(user),
    resolveAlias: (h, { alias }) => h.resolveAlias(alias),
    room: (h, { room }) => h.room(room),
    findRooms: (h, { bare }) => h.findRooms(bare),
    joinedMembers: (h, { room }) => h.joinedMembers(room),
    roomPower: (h, { room }) => h.roomPower(room),
    children: (h, { room }) => h.children(room),
    replacement: (h, { room }) => h.replacement(room),
    member: (h, { room, user }) => h.member(room, user),
    memberships: (h, { user }) => h.memberships(user),
    join: (h, { room, user }) => h.join(room, user),
    kick: (h, { room, user, bare }) => h.kick(room, user, bare),
    takeRoom: (h, { room }) => h.takeRoom(room),
    setPowerLevels: (h, { room, user }) => h.setPowerLevels(room, new Map([[user, 50]])),
    createRoom: (h, { alias, bare }) =>
      h.createRoom({
        alias,
        name: bare,
        topic: bare,
        isSpace: false,
        isPrivate: true,
        isEncrypted: true,
      }),
    sendNotice: (h, { room, bare }) => h.sendNotice(room, { text: bare, html: bare }, bare),
    addChild: (h, { room }) => h.addChild(room, `!other${room.slice(1)}` as RoomId),
    hasServerNotices: (h) => h.hasServerNotices(),
    sendServerNotice: (h, { user, bare }) => h.sendServerNotice(user, bare),
    liftRateLimit: (h) => h.liftRateLimit(),
  };

async function listed(homeserver: Homeserver): Promise<readonly UserId[]> {
  const ids: UserId[] = [];
  for await (const { userId } of homeserver.accounts()) ids.push(userId);
  return ids;
}

async function attempt(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a path at the homeserver', { timeout: 60_000 }, () => {
  it.each(Object.entries(CALLS))('has each id in one segment, whatever is in it: %s', async (_, call) => {
    const { seen, homeserver } = await recorder(everything);
    let looked = 0;
    for (const id of IDS) {
      seen.length = 0;
      const error = await attempt(call(homeserver, id));
      if (error !== undefined) expect(error).toBeInstanceOf(HomeserverError);
      const mine = [id.user, id.room, `!other${id.room.slice(1)}`, id.alias, id.bare, id.bare.toLowerCase()];
      const known = [
        ...mine,
        `@usher:${SERVER}`,
        `@ann:${SERVER}`,
        'oidc-idp',
        'm.room.create',
        'm.room.member',
      ];
      const types = ['m.room.power_levels', 'm.room.tombstone', 'm.space.child', 'm.space.parent'];
      for (const { url } of seen) {
        const ids = idsIn(url);
        expect(ids, `${JSON.stringify(id.bare)} made ${url}`).toBeDefined();
        for (const each of ids ?? []) expect([...known, ...types]).toContain(each);
        looked += 1;
      }
    }
    expect(looked).toBeGreaterThanOrEqual(1);
  });

  it('would be found to be another one', () => {
    expect(idsIn('/_synapse/admin/v1/auth_providers/oidc-idp/')).toBeUndefined();
    expect(idsIn('/_synapse/admin/v2/users/@a/../../b:x')).toBeUndefined();
    expect(idsIn('/_synapse/admin/v2/users/a?x=1')).toBeUndefined();
    expect(idsIn('/_synapse/admin/v2/users/a#b')).toBeUndefined();
    expect(idsIn('/_synapse/admin/v2/users/%40a%2Fb')).toEqual(['@a/b']);
  });

  it.each([...UNFIT])('is not made of %j, which would lead elsewhere: nothing is asked', async (bare) => {
    const { seen, homeserver } = await recorder(everything);
    for (const work of [
      homeserver.accountByExternalId({ provider: 'oidc-idp', id: bare }),
      homeserver.accountByExternalId({ provider: bare, id: 'ann' }),
      homeserver.accountByEmail(bare),
    ]) {
      expect(await attempt(work)).toMatchObject({ name: 'HomeserverError', kind: 'refused' });
    }
    expect(seen).toEqual([]);
  });

  it.each(ENDINGS)('holds the account that Usher would make for %j', async (hostile) => {
    const { seen, homeserver } = await recorder(everything);
    const profile = {
      userName: hostile,
      externalId: hostile,
      displayName: undefined,
      email: `${hostile}@usher.test`,
      active: true,
      photo: undefined,
    };
    for (const template of ['{userName}', '{externalId}', 'x-{userName}', '{emailLocalpart}']) {
      const derived = deriveAccount(template, profile, SERVER);
      if (derived.kind !== 'derived') continue;
      expect(derived.account).toMatch(/^@[a-z0-9._=/+-]+:usher\.test$/);
      await attempt(homeserver.account(derived.account));
      expect(idsIn(seen.at(-1)?.url ?? '')).toEqual([derived.account]);
    }
  });
});

describe('an answer of a hostile homeserver', { timeout: 60_000 }, () => {
  const HOSTILE = [
    ...ENDINGS,
    ...ENDINGS.map((each) => `!${each}`),
    '!\ud800:x',
    '',
    'https://evil.example/',
  ];

  it('names a replacement of a room, and other paths are not asked for by it', async () => {
    for (const replacement_room of HOSTILE) {
      const tombstone = {
        type: 'm.room.tombstone',
        state_key: '',
        sender: `@usher:${SERVER}`,
        content: { replacement_room },
      };
      const { seen, homeserver } = await recorder(() => ({ state: [tombstone], members: [] }));
      const next = await homeserver.replacement(`!old:${SERVER}` as RoomId);
      if (next === undefined) continue;
      await attempt(homeserver.joinedMembers(next));
      for (const { url } of seen) expect(idsIn(url), `${replacement_room} made ${url}`).toBeDefined();
      const last = idsIn(seen.at(-1)?.url ?? '');
      expect([[next], [`!old:${SERVER}`]]).toContainEqual(last);
    }
  });

  it('names children of a space, and other paths are not asked for by it', async () => {
    const { seen, homeserver } = await recorder(() => ({
      state: HOSTILE.map((state_key) => ({
        type: 'm.space.child',
        state_key,
        sender: `@usher:${SERVER}`,
        content: { via: [SERVER] },
      })),
      members: [],
    }));
    const children = await homeserver.children(`!space:${SERVER}` as RoomId);
    expect(children.length).toBeGreaterThan(5);
    for (const child of children) await attempt(homeserver.joinedMembers(child));
    for (const { url } of seen) expect(idsIn(url), url).toBeDefined();
    expect(seen.length).toBeGreaterThanOrEqual(children.length);
  });

  it('names a next page, and the one after what was read is asked for', async () => {
    const { seen, homeserver } = await recorder(({ url }) =>
      url.includes('from=0')
        ? { users: [{ name: `@ann:${SERVER}` }], next_token: '7&admin=true#/../../../_synapse/x' }
        : { users: [{ name: `@bob:${SERVER}` }] },
    );
    expect(await listed(homeserver)).toHaveLength(2);
    expect(seen.map(({ url }) => new URL(url, 'http://x').searchParams.get('from'))).toEqual(['0', '1']);
    for (const { url } of seen) expect(idsIn(url)).toEqual([]);
  });

  it('says who the bot is, and whose account an external id belongs to', async () => {
    for (const user_id of HOSTILE) {
      const { seen, homeserver } = await recorder(() => ({ user_id, server_version: '1' }));
      expect(await attempt(homeserver.identify())).toMatchObject({ kind: 'protocol' });
      expect(await attempt(homeserver.accountByEmail('ann@usher.test'))).toMatchObject({ kind: 'protocol' });
      for (const { url } of seen) expect(idsIn(url)).toBeDefined();
    }
  });

  it('names a user with a slash, and it stays one segment', async () => {
    const evil = `@x/../../../v1/deactivate/ann:${SERVER}`;
    const { seen, homeserver } = await recorder(() => ({ user_id: evil }));
    const found = await homeserver.accountByEmail('ann@usher.test');
    expect(found).toBe(evil);
    await attempt(homeserver.account(evil as UserId));
    expect(idsIn(seen.at(-1)?.url ?? '')).toEqual([evil]);
  });
});
