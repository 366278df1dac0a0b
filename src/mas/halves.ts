import type { Account } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';

/** Accounts of appservices are none of MAS's. Of a stranded one, Synapse's own way in means nothing any more. */
export function onlyInSynapse(account: Account): Account {
  return account.appservice ? account : { ...account, externalIds: [], threepids: [], isStranded: true };
}

/** MAS has it and tells Synapse some moments later. */
export function unknownToSynapse(id: UserId): Account {
  return {
    ...{ userId: id, displayName: undefined, avatarUrl: undefined, externalIds: [], threepids: [] },
    ...{ admin: false, appservice: false, deactivated: false, locked: false, suspended: false },
  };
}
