import { describe } from 'vitest';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { describeAccounts } from './homeserver-accounts.contract.ts';
import { describeMemberships } from './homeserver-memberships.contract.ts';
import { describeNotices } from './homeserver-notices.contract.ts';
import { describeOutages } from './homeserver-outages.contract.ts';
import { describePower } from './homeserver-power.contract.ts';
import { describeProfiles } from './homeserver-profiles.contract.ts';
import { describeRooms } from './homeserver-rooms.contract.ts';
import { describeServerNotices } from './homeserver-server-notices.contract.ts';
import { share } from './homeserver-shared.ts';
import { describeSpaces } from './homeserver-spaces.contract.ts';

type Start = (options?: { readonly hasServerNotices?: boolean }) => Promise<HomeserverUnderTest>;

/** What the port promises, of whatever stands behind it. `start` is called twice: for one without server notices, too. */
export function describeHomeserver(name: string, start: Start): void {
  describe(`homeserver (${name})`, () => {
    const shared = share(start);
    describeAccounts(shared);
    describeRooms(shared);
    describeMemberships(shared);
    describeProfiles(shared);
    describePower(shared);
    describeSpaces(shared);
    describeNotices(shared);
    describeServerNotices(shared, () => start({ hasServerNotices: false }));
    describeOutages(shared);
  });
}
