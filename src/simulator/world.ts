import { setTimeout as delay } from 'node:timers/promises';
import type { Membership } from '../matrix/homeserver.ts';
import { userId as makeUserId, type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { type AccountChange, type AccountRegistry, createAccountRegistry, newAccount } from './accounts.ts';
import type { JsonObject } from './api-request.ts';
import { type AuthService, createDelegatedSessions, createDevices } from './delegation.ts';
import { createRateLimits, type RateLimits } from './limits.ts';
import { createMediaRepository, type MediaRepository } from './media.ts';
import { createPassages, type Passages } from './passages.ts';
import { createProvisioning, type Provisioning } from './provisioning.ts';
import { badRequest, forbidden, notFound, Refusal } from './refusal.ts';
import { horizonOf, type Message, membershipOf, type Passage, record, type SimulatedRoom } from './room.ts';
import { createRoomRegistry, type RoomOptions, type RoomRegistry } from './rooms.ts';
import { createServerNotices, NOTICES, type ServerNotices } from './server-notices.ts';
import { createSessions, type Requester, type Sessions } from './sessions.ts';
import { eventsSeen } from './state-events.ts';

export type WorldOptions = {
  readonly serverName: string;
  /** Milliseconds since 1970; rate limits look at it. */
  readonly now: () => number;
  /** How long each call takes; the default is no time at all. */
  readonly latencyMs?: number;
  /** Names that are kept for appservices; the default is none. */
  readonly reserved?: RegExp | undefined;
  /** Whether there are server notices; the default is no, as of Synapse. */
  readonly hasServerNotices?: boolean;
  /**
   * Whether the admin API makes accounts although another service signs people in, who can't get into them then:
   * Synapse before 1.163 (element-hq/synapse#18993). The default is no.
   */
  readonly makesTrapAccounts?: boolean;
};

export type Registration = { readonly admin?: boolean; readonly appservice?: boolean };

/** A homeserver in memory. Operations happen at once, and refuse with `Refusal` as a Synapse does. */
export type World = {
  readonly serverName: string;
  readonly version: string;
  readonly accounts: Omit<AccountRegistry, 'add' | 'put' | 'erase'>;
  readonly rooms: Pick<RoomRegistry, 'get' | 'resolve' | 'name' | 'forgetAlias' | 'find' | 'memberships'>;
  readonly limits: Pick<RateLimits, 'lift'>;
  readonly media: MediaRepository;
  readonly serverNotices: ServerNotices;
  /** What people and admins do to memberships. */
  readonly passages: Passages;

  /** Who signs people in in place of this homeserver. */
  readonly authService: AuthService | undefined;
  /** From now on that service signs people in, as with `matrix_authentication_service`; what it may have done here. */
  delegateTo(service: AuthService): Provisioning;

  /** An account that nobody else knows of. */
  register(localpart: string, registration?: Registration): UserId;
  /** An access token; it ends with a deactivation. */
  logIn(userId: UserId): string;
  /** Ends all of the account's tokens but those that it gets later. */
  logOut(userId: UserId): void;
  /** Whose token this is, and whether it may administer; refuses with 401. */
  requester(token: string | undefined): Requester;
  /** As the admin API: where another service signs people in, it makes no accounts. */
  putAccount(userId: UserId, change: AccountChange): 'created' | 'changed';
  /** Nobody takes it from herself. */
  setAdmin(actor: UserId, userId: UserId, isAdmin: boolean): void;
  /** Also one that is deactivated already. */
  eraseAccount(userId: UserId): void;
  createRoom(actor: UserId, options: RoomOptions): RoomId;
  upgradeRoom(actor: UserId, roomId: RoomId, version: string): RoomId;
  /** A person of another homeserver comes in; no rule of the room is asked. */
  admitRemote(userId: UserId, roomId: RoomId): void;
  /** As the actor may see it: who has left sees the room as it was then, others are refused. */
  memberSeenBy(actor: UserId, roomId: RoomId, member: UserId): Passage | undefined;
  stateSeenBy(actor: UserId, roomId: RoomId): readonly JsonObject[];
  /** All that was ever said there, for who is in it. */
  messagesSeenBy(actor: UserId, roomId: RoomId): readonly Message[];

  /** An outage: every call is refused with 503 until `comeUp`. What is stored stays. */
  goDown(): void;
  comeUp(): void;
  /** To be awaited before each call from outside: takes the latency, and refuses during an outage. */
  arrive(): Promise<void>;
};

export function createWorld(options: WorldOptions): World {
  const { serverName, now, latencyMs = 0, reserved, hasServerNotices = false } = options;
  const { makesTrapAccounts = false } = options;
  const limits = createRateLimits(now);
  const accounts = createAccountRegistry(
    serverName,
    // Synapse keeps the name of who sends server notices as it keeps those of appservices.
    (localpart) => reserved?.test(localpart) === true || (hasServerNotices && localpart === NOTICES),
  );
  const rooms = createRoomRegistry(serverName);
  const devices = createDevices();
  let sessions: Sessions = createSessions(accounts.get);
  let authService: AuthService | undefined;
  let up = true;

  const isSuspended = (id: UserId): boolean => accounts.get(id)?.suspended ?? false;
  const passages = createPassages({ serverName, limits, find: rooms.get, isSuspended });

  limits.lift(makeUserId('notices', serverName));
  const serverNotices = createServerNotices({
    ...{ serverName, accounts, rooms, passages, isEnabled: hasServerNotices },
  });

  function seenBy(actor: UserId, roomId: RoomId): { room: SimulatedRoom; horizon: number } {
    const room = rooms.get(roomId);
    const horizon = room === undefined ? undefined : horizonOf(room, actor);
    if (room !== undefined && horizon !== undefined) return { room, horizon };
    throw forbidden(`User ${actor} not in room ${roomId}, and room previews are disabled`);
  }

  function leaveAll(id: UserId): void {
    for (const [roomId, membership] of rooms.memberships(id)) {
      const room = present.has(membership) ? rooms.get(roomId) : undefined;
      if (room !== undefined) record(room, { userId: id, membership: 'leave', sender: id });
    }
  }

  function endParticipation(id: UserId): void {
    leaveAll(id);
    sessions.logOut(id);
  }

  function deactivate(id: UserId): void {
    accounts.put(id, { deactivated: true });
    endParticipation(id);
  }

  function erase(id: UserId): void {
    deactivate(id);
    accounts.erase(id);
  }

  function mustBeUp(): void {
    if (!up) throw new Refusal(503, 'M_UNKNOWN', 'The homeserver is down');
  }

  return {
    serverName,
    version: '1.163.2',
    accounts,
    rooms,
    limits,
    passages,
    media: createMediaRepository(serverName),
    serverNotices,
    logIn: (id) => sessions.logIn(id),
    logOut: (id) => sessions.logOut(id),
    requester: (token) => sessions.requester(token),

    get authService() {
      return authService;
    },

    delegateTo(service) {
      authService = service;
      sessions = createDelegatedSessions({ service, serverName, now, devices, accountOf: accounts.get });
      return createProvisioning({ serverName, accounts, devices, deactivate, erase, mustBeUp });
    },

    register(localpart, { admin = false, appservice = false } = {}) {
      const id = makeUserId(localpart, serverName);
      if (accounts.get(id) !== undefined) throw new Refusal(400, 'M_USER_IN_USE', 'User ID already taken.');
      accounts.add({ ...newAccount(id), admin, appservice });
      return id;
    },

    putAccount(id, change) {
      const isNew = serverNameOf(id) === serverName && accounts.get(id) === undefined;
      if (isNew && authService !== undefined && !makesTrapAccounts) throw forbidden(MADE_ELSEWHERE);
      const wasDeactivated = accounts.get(id)?.deactivated === true;
      const done = accounts.put(id, change);
      if (done === 'changed' && change.deactivated === true && !wasDeactivated) endParticipation(id);
      return done;
    },

    setAdmin(actor, id, isAdmin) {
      if (actor === id && !isAdmin) throw badRequest('You may not demote yourself.');
      accounts.put(id, { admin: isAdmin });
    },

    eraseAccount: erase,

    createRoom(actor, options) {
      if (isSuspended(actor)) {
        throw new Refusal(403, 'M_USER_SUSPENDED', 'Not allowed while the account is suspended.');
      }
      limits.spend('message', actor);
      return rooms.create(actor, options).roomId;
    },

    upgradeRoom(actor, roomId, version) {
      const old = rooms.get(roomId);
      if (old === undefined) throw new Refusal(404, 'M_NOT_FOUND', `Could not find room ${roomId}`);
      return rooms.upgrade(actor, old, version).roomId;
    },

    admitRemote(id, roomId) {
      const room = rooms.get(roomId);
      if (room === undefined) throw notFound('Room not found');
      record(room, { userId: id, membership: 'join', sender: id });
    },

    memberSeenBy(actor, roomId, member) {
      const { room, horizon } = seenBy(actor, roomId);
      return room.log.findLast(({ userId }, index) => index < horizon && userId === member);
    },

    stateSeenBy(actor, roomId) {
      const { room, horizon } = seenBy(actor, roomId);
      return eventsSeen(room, horizon);
    },

    messagesSeenBy(actor, roomId) {
      const { room } = seenBy(actor, roomId);
      if (membershipOf(room, actor) === 'join') return room.messages;
      throw forbidden(`User ${actor} not in room ${roomId}`);
    },

    goDown() {
      up = false;
    },

    comeUp() {
      up = true;
    },

    async arrive() {
      if (latencyMs > 0) await delay(latencyMs);
      mustBeUp();
      authService?.catchUp();
    },
  };
}

const MADE_ELSEWHERE =
  'User creation via the Admin API is not available when Synapse is delegating authentication to MAS. ' +
  'Create the user via MAS instead.';

const present: ReadonlySet<Membership> = new Set(['join', 'invite', 'knock']);
