import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { ActingUser, HomeserverUnderTest, NewRoom, RawRequest } from '../support/homeserver/harness.ts';

/** What the tests of facts share: the server, names that are free on it, and paths with their ids encoded. */
export type Facts = {
  readonly server: HomeserverUnderTest;
  fresh(name: string): string;
  freshId(name: string): UserId;
  person(name: string): Promise<ActingUser>;
  /** A room of a new owner's, where the bot is with power. */
  takenRoom(room?: NewRoom): Promise<{ owner: ActingUser; roomId: RoomId }>;
};

const id = encodeURIComponent;

export const paths = {
  user: (user: string) => `/_synapse/admin/v2/users/${id(user)}`,
  adminUser: (user: string) => `/_synapse/admin/v1/users/${id(user)}`,
  deactivate: (user: string) => `/_synapse/admin/v1/deactivate/${id(user)}`,
  usernameAvailable: (name: string) => `/_synapse/admin/v1/username_available?username=${id(name)}`,
  suspend: (user: string) => `/_synapse/admin/v1/suspend/${id(user)}`,
  byExternalId: (provider: string, externalId: string) =>
    `/_synapse/admin/v1/auth_providers/${id(provider)}/users/${id(externalId)}`,
  byEmail: (address: string) => `/_synapse/admin/v1/threepid/email/users/${id(address)}`,
  adminRoom: (room: string) => `/_synapse/admin/v1/rooms/${id(room)}`,
  adminJoin: (room: string) => `/_synapse/admin/v1/join/${id(room)}`,
  alias: (alias: string) => `/_matrix/client/v3/directory/room/${id(alias)}`,
  join: (room: string) => `/_matrix/client/v3/join/${id(room)}`,
  state: (room: string, type: string, stateKey = '') =>
    `/_matrix/client/v3/rooms/${id(room)}/state/${type}/${id(stateKey)}`,
  room: (room: string) => `/_matrix/client/v3/rooms/${id(room)}`,
  createRoom: '/_matrix/client/v3/createRoom',
  whoami: '/_matrix/client/v3/account/whoami',
};

/** An external id, and an e-mail, as the admin API takes them. */
export const PROVIDER = 'oidc-idp';
export const external = (externalId: string) => ({ auth_provider: PROVIDER, external_id: externalId });
export const email = (address: string) => ({ medium: 'email', address });

/** What the bot does, each one request. */
export function callsOf(facts: Facts) {
  const request: RawRequest = (...args) => facts.server.request(...args);
  return {
    request,
    get: (user: string) => request('GET', paths.user(user)),
    put: (user: string, body: object) => request('PUT', paths.user(user), body),
    join: (room: string, user: string) => request('POST', paths.adminJoin(room), { user_id: user }),
    kick: (room: string, user: string) =>
      request('POST', `${paths.room(room)}/kick`, { user_id: user, reason: 'why' }),
    makeAdmin: (room: string) =>
      request('POST', `${paths.adminRoom(room)}/make_room_admin`, { user_id: facts.server.bot }),
    enter: (room: string) => request('POST', paths.join(room), {}),
    leave: (room: string) => request('POST', `${paths.room(room)}/leave`, {}),
    member: (room: string, user: string) =>
      request('GET', `${paths.room(room)}/state/m.room.member/${id(user)}?format=event`),
    nowhere: () => `!nowhere:${facts.server.serverName}`,
  };
}
