import { parseRoomId, type RoomId, serverNameOf, type UserId, userId } from '../../../src/matrix/ids.ts';
import type { ActingUser, HomeserverUnderTest, NewRoom, RawAnswer, RawRequest } from './harness.ts';

const id = encodeURIComponent;
const CLIENT = '/_matrix/client/v3';

type PeopleDeps = Pick<HomeserverUnderTest, 'request' | 'serverName' | 'logIn'> & {
  /** Sees to it that there is such an account; the default is by the admin API, with the bot's token. */
  readonly register?: (user: UserId, fields: { readonly admin?: true }) => Promise<void>;
};

/** Makes people the same way on each kind of homeserver. */
export function createPeople(deps: PeopleDeps): Pick<HomeserverUnderTest, 'person' | 'admin'> {
  const { request, serverName, logIn, register = registerByAdminApi } = deps;

  async function registerByAdminApi(user: UserId, fields: object): Promise<void> {
    const path = `/_synapse/admin/v2/users/${id(user)}`;
    const known = await request('GET', path);
    if (known.status === 404 || Object.keys(fields).length > 0) await success(request('PUT', path, fields));
  }

  async function account(localpart: string, fields: { readonly admin?: true }): Promise<ActingUser> {
    const user = userId(localpart, serverName);
    await register(user, fields);
    const limits = `/_synapse/admin/v1/users/${id(user)}/override_ratelimit`;
    await success(request('POST', limits, { messages_per_second: 0, burst_count: 0 }));
    return createActingUser(request, user, await logIn(user));
  }

  return {
    person: (localpart) => account(localpart, {}),
    admin: (localpart) => account(localpart, { admin: true }),
  };
}

function createActingUser(request: RawRequest, user: UserId, token: string): ActingUser {
  const post = (path: string, body: object) => success(request('POST', `${CLIENT}${path}`, body, token));
  const inRoom = (action: string) => async (room: RoomId, target: UserId) => {
    await post(`/rooms/${id(room)}/${action}`, { user_id: target });
  };
  const put = async (path: string, body: object): Promise<void> => {
    await success(request('PUT', `${CLIENT}${path}`, body, token));
  };
  const setState: ActingUser['setState'] = (room, type, stateKey, content) =>
    put(`/rooms/${id(room)}/state/${type}/${id(stateKey)}`, content);
  const powerLevels = (room: RoomId) => `${CLIENT}/rooms/${id(room)}/state/m.room.power_levels/`;
  const setPowerLevels: ActingUser['setPowerLevels'] = (room, content) =>
    setState(room, 'm.room.power_levels', '', content);

  return {
    userId: user,
    token,
    createRoom: async (room = {}) => roomIdIn((await post('/createRoom', creationOf(room))).room_id),
    join: async (room) => void (await post(`/join/${id(room)}`, {})),
    knock: async (room) => void (await post(`/knock/${id(room)}`, {})),
    leave: async (room) => void (await post(`/rooms/${id(room)}/leave`, {})),
    invite: inRoom('invite'),
    kick: inRoom('kick'),
    ban: inRoom('ban'),
    unban: inRoom('unban'),
    async setPower(room, target, level) {
      const content = await success(request('GET', powerLevels(room), undefined, token));
      await setPowerLevels(room, { ...content, users: { ...Object(content.users), [target]: level } });
    },
    setPowerLevels,
    async upgradeRoom(room, version) {
      const answer = await post(`/rooms/${id(room)}/upgrade`, { new_version: version });
      return roomIdIn(answer.replacement_room);
    },
    setState,
    setChild: (space, room, isChild) =>
      setState(space, 'm.space.child', room, isChild ? { via: [serverNameOf(user)] } : {}),
    setDisplayName: (displayname) => put(`/profile/${id(user)}/displayname`, { displayname }),
    async messages(room) {
      const path = `${CLIENT}/rooms/${id(room)}/messages?dir=b&limit=100`;
      const { chunk } = await success(request('GET', path, undefined, token));
      if (!Array.isArray(chunk)) throw new Error('no messages came');
      return chunk.filter(({ type }) => type === 'm.room.message').toReversed();
    },
    say: (room, body) =>
      put(`/rooms/${id(room)}/send/m.room.message/${crypto.randomUUID()}`, { msgtype: 'm.text', body }),
    setAvatar: (avatar_url) => put(`/profile/${id(user)}/avatar_url`, { avatar_url }),
    logOut: async () => void (await post('/logout/all', {})),
  };
}

function creationOf({ name, alias, joinRule = 'invite', version, isSpace = false }: NewRoom): object {
  const content = { join_rule: joinRule, ...(joinRule === 'restricted' ? { allow: [] } : {}) };
  return {
    preset: joinRule === 'public' ? 'public_chat' : 'private_chat',
    initial_state: [{ type: 'm.room.join_rules', state_key: '', content }],
    ...(name === undefined ? {} : { name }),
    ...(alias === undefined ? {} : { room_alias_name: alias }),
    ...(version === undefined ? {} : { room_version: version }),
    ...(isSpace ? { creation_content: { type: 'm.space' } } : {}),
  };
}

async function success(answering: Promise<RawAnswer>): Promise<RawAnswer['body']> {
  const { status, body } = await answering;
  if (status >= 300) throw new Error(`refused: ${status} ${JSON.stringify(body)}`);
  return body;
}

function roomIdIn(value: unknown): RoomId {
  const room = typeof value === 'string' ? parseRoomId(value) : undefined;
  if (room === undefined) throw new Error(`not a room id: ${value}`);
  return room;
}
