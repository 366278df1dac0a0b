import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';

/**
 * The same homeserver, and no way to change it. Every method is named, so that one added to the port does not
 * compile until it is decided which kind it is.
 */
export function readOnly(homeserver: Homeserver): Homeserver {
  const refuse = async (): Promise<never> => {
    throw new HomeserverError('refused', 'the homeserver is open for reading only');
  };
  return {
    identify: () => homeserver.identify(),
    account: (userId) => homeserver.account(userId),
    accountByExternalId: (externalId) => homeserver.accountByExternalId(externalId),
    accountByEmail: (address) => homeserver.accountByEmail(address),
    accounts: () => homeserver.accounts(),
    resolveAlias: (alias) => homeserver.resolveAlias(alias),
    room: (roomId) => homeserver.room(roomId),
    findRooms: (search) => homeserver.findRooms(search),
    joinedMembers: (roomId) => homeserver.joinedMembers(roomId),
    replacement: (roomId) => homeserver.replacement(roomId),
    member: (roomId, userId) => homeserver.member(roomId, userId),
    memberships: (userId) => homeserver.memberships(userId),
    admins: () => homeserver.admins(),
    isNameFree: (userId) => homeserver.isNameFree(userId),
    roomPower: (roomId) => homeserver.roomPower(roomId),
    children: (spaceId) => homeserver.children(spaceId),
    hasServerNotices: () => homeserver.hasServerNotices(),
    createAccount: refuse,
    updateAccount: refuse,
    restrict: refuse,
    unrestrict: refuse,
    setAdmin: refuse,
    join: refuse,
    kick: refuse,
    takeRoom: refuse,
    upload: refuse,
    setPowerLevels: refuse,
    createRoom: refuse,
    addChild: refuse,
    sendNotice: refuse,
    sendServerNotice: refuse,
    liftRateLimit: refuse,
  };
}
