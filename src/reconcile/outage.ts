import { HomeserverError, type HomeserverErrorKind } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';

/** What may be about one call as well as about the homeserver as a whole. */
const UNCLEAR: ReadonlySet<HomeserverErrorKind> = new Set([
  'unavailable',
  'unauthorised',
  'throttled',
  'protocol',
]);

/**
 * The same homeserver, told apart from its parts: a call that breaks off (5xx, time-out, 401) while the homeserver
 * otherwise answers becomes `failed`, so that one broken room is a problem of that room. In an outage it stays
 * `unavailable`, and everything waits; so it does when every call is answered with 429, or with what is not the Matrix
 * API, e.g. by the login page of a proxy: else each person who waits would be a call of her own. Reading is refused only
 * to who is not a server admin any more: that is `unauthorised`.
 */
export function tellOutages(homeserver: Homeserver): Homeserver {
  const judge = async (error: unknown): Promise<unknown> => {
    if (!(error instanceof HomeserverError) || !UNCLEAR.has(error.kind)) return error;
    const { kind, message, errcode, retryAfterMs } = error;
    const as = (other: HomeserverErrorKind) =>
      new HomeserverError(other, message, { errcode, retryAfterMs, cause: error });
    try {
      await homeserver.identify();
    } catch {
      return kind === 'unauthorised' ? error : as('unavailable');
    }
    return kind === 'throttled' || kind === 'protocol' ? error : as('failed');
  };

  const judgeRead = async (error: unknown): Promise<unknown> => {
    if (!(error instanceof HomeserverError) || error.kind !== 'refused') return judge(error);
    const { admin, userId } = await homeserver.identify();
    if (admin) return error;
    return new HomeserverError('unauthorised', `${userId} is not a server admin any more`, { cause: error });
  };

  const read = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw await judgeRead(error);
    }
  };

  const judged = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      throw await judge(error);
    }
  };

  return {
    identify: () => homeserver.identify(),
    account: (userId) => read(homeserver.account(userId)),
    accountByExternalId: (externalId) => read(homeserver.accountByExternalId(externalId)),
    accountByEmail: (address) => read(homeserver.accountByEmail(address)),
    async *accounts() {
      try {
        yield* homeserver.accounts();
      } catch (error) {
        throw await judgeRead(error);
      }
    },
    createAccount: (userId, account) => judged(homeserver.createAccount(userId, account)),
    updateAccount: (userId, update) => judged(homeserver.updateAccount(userId, update)),
    restrict: (userId, restriction) => judged(homeserver.restrict(userId, restriction)),
    unrestrict: (userId, restriction) => judged(homeserver.unrestrict(userId, restriction)),
    admins: () => read(homeserver.admins()),
    setAdmin: (userId, isAdmin) => judged(homeserver.setAdmin(userId, isAdmin)),
    upload: (image) => judged(homeserver.upload(image)),
    isNameFree: (userId) => read(homeserver.isNameFree(userId)),
    resolveAlias: (alias) => read(homeserver.resolveAlias(alias)),
    room: (roomId) => read(homeserver.room(roomId)),
    findRooms: (search) => read(homeserver.findRooms(search)),
    joinedMembers: (roomId) => read(homeserver.joinedMembers(roomId)),
    roomPower: (roomId) => read(homeserver.roomPower(roomId)),
    children: (spaceId) => read(homeserver.children(spaceId)),
    replacement: (roomId) => read(homeserver.replacement(roomId)),
    member: (roomId, userId) => read(homeserver.member(roomId, userId)),
    memberships: (userId) => read(homeserver.memberships(userId)),
    join: (roomId, userId) => judged(homeserver.join(roomId, userId)),
    kick: (roomId, userId, reason) => judged(homeserver.kick(roomId, userId, reason)),
    takeRoom: (roomId) => judged(homeserver.takeRoom(roomId)),
    setPowerLevels: (roomId, levels) => judged(homeserver.setPowerLevels(roomId, levels)),
    createRoom: (room) => judged(homeserver.createRoom(room)),
    addChild: (spaceId, roomId) => judged(homeserver.addChild(spaceId, roomId)),
    sendNotice: (roomId, notice, transaction) => judged(homeserver.sendNotice(roomId, notice, transaction)),
    hasServerNotices: () => read(homeserver.hasServerNotices()),
    sendServerNotice: (userId, text) => judged(homeserver.sendServerNotice(userId, text)),
    liftRateLimit: () => judged(homeserver.liftRateLimit()),
  };
}
