import { HomeserverError, type HomeserverErrorKind } from '../matrix/error.ts';
import type { Account, Homeserver, Membership, Restriction } from '../matrix/homeserver.ts';
import { type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import { badRequest, forbidden, notFound, Refusal } from './refusal.ts';
import { isInhabited, joinedIn, memberStateOf, type SimulatedRoom, snapshotOf } from './room.ts';
import { roomsByPort } from './rooms-by-port.ts';
import type { Requester } from './sessions.ts';
import type { World } from './world.ts';

const gone: ReadonlySet<Membership | undefined> = new Set([undefined, 'leave', 'ban']);

/** The port straight onto a world, without HTTP. `token` is the bot's, from `world.logIn`. */
export function createSimulatedHomeserver(world: World, token: string): Homeserver {
  const { accounts, rooms, passages } = world;

  /** One call. A `Refusal` becomes the port's error. */
  async function answer<T>(operation: (caller: Requester) => T): Promise<T> {
    try {
      await world.arrive();
      return operation(world.requester(token));
    } catch (error) {
      throw error instanceof Refusal ? errorOf(error) : error;
    }
  }

  /** One call of what only admins may do. */
  function call<T>(operation: (bot: UserId) => T): Promise<T> {
    return answer(({ userId, isAdmin }) => {
      if (!isAdmin) throw forbidden('You are not a server admin');
      return operation(userId);
    });
  }

  function local(userId: UserId): Account | undefined {
    if (serverNameOf(userId) !== world.serverName) throw badRequest('Can only look up local users');
    return accounts.get(userId);
  }

  function mustExist(userId: UserId): void {
    if (local(userId) === undefined) throw notFound('User not found');
  }

  /** The room, if somebody is in it whose homeserver this is: only then its state is known. */
  function withState(roomId: RoomId): SimulatedRoom | undefined {
    const room = rooms.get(roomId);
    return room !== undefined && isInhabited(room, world.serverName) ? room : undefined;
  }

  function membershipNow(roomId: RoomId, userId: UserId): Membership | undefined {
    return withState(roomId)?.members.get(userId)?.membership;
  }

  return {
    identify: () =>
      answer(({ userId, isAdmin }) => ({ userId, admin: isAdmin, serverVersion: world.version })),

    account: (userId) => call(() => local(userId)),
    accountByExternalId: (externalId) => call(() => accounts.byExternalId(externalId)?.userId),
    accountByEmail: (address) =>
      call(() => accounts.byThreepid({ medium: 'email', address: address.trim().toLowerCase() })?.userId),

    async *accounts() {
      const all = await call(() => accounts.all());
      yield* all.map(({ userId, displayName, deactivated, locked }) => {
        return { userId, displayName, deactivated, locked };
      });
    },

    createAccount: (userId, { displayName, externalId, email }) =>
      call(() => {
        world.putAccount(userId, { displayName, externalIds: externalId && [externalId] });
        if (email === undefined) return;
        world.putAccount(userId, { threepids: [{ medium: 'email', address: email }] });
      }),

    updateAccount: (userId, { displayName, externalIds, threepids, avatarUrl }) =>
      call(() => {
        mustExist(userId);
        world.putAccount(userId, { displayName, externalIds, avatarUrl });
        world.putAccount(userId, { threepids });
      }),

    restrict: (userId, restriction) => call(() => setRestricted(userId, restriction, true)),
    unrestrict: (userId, restriction) => call(() => setRestricted(userId, restriction, false)),

    admins: () =>
      call(() =>
        accounts
          .all()
          .filter(({ admin }) => admin)
          .map(({ userId, deactivated, locked }) => ({ userId, deactivated, locked })),
      ),
    setAdmin: (userId, isAdmin) =>
      call((bot) => {
        mustExist(userId);
        world.setAdmin(bot, userId, isAdmin);
      }),

    upload: (image) => call(() => world.media.store(image)),
    isNameFree: (userId) => call(() => isFree(userId)),

    ...roomsByPort(world, call),
    resolveAlias: (alias) => call(() => rooms.resolve(alias)),

    room: (roomId) =>
      call(() => {
        if (rooms.get(roomId) === undefined) return undefined;
        const room = withState(roomId);
        if (room === undefined) throw forbidden(`nobody on this homeserver is in ${roomId}`);
        return snapshotOf(room);
      }),

    joinedMembers: (roomId) =>
      call(() => {
        if (rooms.get(roomId) === undefined) return undefined;
        const room = withState(roomId);
        return new Set(room === undefined ? [] : joinedIn(room));
      }),

    replacement: (roomId) => call(() => withState(roomId)?.tombstone?.replacement),
    member: (roomId, userId) =>
      call(() => {
        const passage = withState(roomId)?.members.get(userId);
        return passage && memberStateOf(passage);
      }),

    memberships: (userId) => call(() => rooms.memberships(userId)),

    join: (roomId, userId) =>
      call((bot) => {
        mustExist(userId);
        if (membershipNow(roomId, userId) !== 'join') passages.forceJoin(bot, roomId, userId);
      }),

    kick: (roomId, userId, reason) =>
      call((bot) => {
        const unknown = rooms.get(roomId) === undefined;
        if (unknown || !gone.has(membershipNow(roomId, userId))) passages.kick(bot, roomId, userId, reason);
      }),

    takeRoom: (roomId) =>
      call((bot) => {
        passages.makeRoomAdmin(bot, roomId, bot);
        passages.join(bot, roomId);
      }),

    sendNotice: (roomId, { text: body, html }, transaction) =>
      call((bot) => {
        const content = { msgtype: 'm.notice', body, format: 'org.matrix.custom.html', formatted_body: html };
        passages.send(bot, roomId, {
          ...{ type: 'm.room.message', content: { ...content, 'm.mentions': {} }, transaction },
        });
      }),

    hasServerNotices: () => call(() => world.serverNotices.isEnabled),
    sendServerNotice: (userId, text) =>
      call(() => {
        world.serverNotices.send(userId, { msgtype: 'm.text', body: text });
      }),

    liftRateLimit: () => call((bot) => world.limits.lift(bot)),
  };

  function isFree(userId: UserId): boolean {
    local(userId);
    try {
      accounts.mustBeFree(userId);
      return true;
    } catch (error) {
      if (error instanceof Refusal && NOT_FREE.has(error.errcode)) return false;
      throw error;
    }
  }

  function setRestricted(userId: UserId, restriction: Restriction, restricted: boolean): void {
    mustExist(userId);
    if (restriction === 'suspend') accounts.suspend(userId, restricted);
    if (restriction === 'lock') world.putAccount(userId, { locked: restricted });
    if (restriction === 'erase' && restricted) world.eraseAccount(userId);
    else if (restriction === 'deactivate' || restriction === 'erase')
      world.putAccount(userId, { deactivated: restricted });
  }
}

const NOT_FREE: ReadonlySet<string> = new Set(['M_USER_IN_USE', 'M_EXCLUSIVE']);

function errorOf(refusal: Refusal): HomeserverError {
  const { status, errcode, message, retryAfterMs } = refusal;
  return new HomeserverError(kindOf(status), message, { errcode, retryAfterMs, cause: refusal });
}

function kindOf(status: number): HomeserverErrorKind {
  switch (status) {
    case 401:
      return 'unauthorised';
    case 404:
      return 'not-found';
    case 429:
      return 'throttled';
    case 503:
      return 'unavailable';
    default:
      return 'refused';
  }
}
