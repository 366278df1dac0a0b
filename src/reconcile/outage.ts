import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';

/**
 * The same homeserver, told apart from its parts: a call that breaks off (5xx, time-out) while the homeserver
 * otherwise answers becomes `failed`, so that one broken room is a problem of that room. In an outage it stays
 * `unavailable`, and everything waits.
 */
export function tellOutages(homeserver: Homeserver): Homeserver {
  const judge = async (error: unknown): Promise<unknown> => {
    if (!(error instanceof HomeserverError) || error.kind !== 'unavailable') return error;
    try {
      await homeserver.identify();
    } catch {
      return error;
    }
    return new HomeserverError('failed', error.message, { errcode: error.errcode, cause: error });
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
    account: (userId) => judged(homeserver.account(userId)),
    accountByExternalId: (externalId) => judged(homeserver.accountByExternalId(externalId)),
    accountByEmail: (address) => judged(homeserver.accountByEmail(address)),
    async *accounts() {
      try {
        yield* homeserver.accounts();
      } catch (error) {
        throw await judge(error);
      }
    },
    createAccount: (userId, account) => judged(homeserver.createAccount(userId, account)),
    updateAccount: (userId, update) => judged(homeserver.updateAccount(userId, update)),
    restrict: (userId, restriction) => judged(homeserver.restrict(userId, restriction)),
    unrestrict: (userId, restriction) => judged(homeserver.unrestrict(userId, restriction)),
    resolveAlias: (alias) => judged(homeserver.resolveAlias(alias)),
    room: (roomId) => judged(homeserver.room(roomId)),
    joinedMembers: (roomId) => judged(homeserver.joinedMembers(roomId)),
    replacement: (roomId) => judged(homeserver.replacement(roomId)),
    member: (roomId, userId) => judged(homeserver.member(roomId, userId)),
    memberships: (userId) => judged(homeserver.memberships(userId)),
    join: (roomId, userId) => judged(homeserver.join(roomId, userId)),
    kick: (roomId, userId, reason) => judged(homeserver.kick(roomId, userId, reason)),
    takeRoom: (roomId) => judged(homeserver.takeRoom(roomId)),
    liftRateLimit: () => judged(homeserver.liftRateLimit()),
  };
}
