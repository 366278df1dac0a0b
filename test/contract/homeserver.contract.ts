import { describe } from 'vitest';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { describeAccounts } from './homeserver-accounts.contract.ts';
import { describeMemberships } from './homeserver-memberships.contract.ts';
import { describeNotices } from './homeserver-notices.contract.ts';
import { describeOutages } from './homeserver-outages.contract.ts';
import { describePower } from './homeserver-power.contract.ts';
import { describeProfiles } from './homeserver-profiles.contract.ts';
import { describeRooms } from './homeserver-rooms.contract.ts';
import { share } from './homeserver-shared.ts';
import { describeSpaces } from './homeserver-spaces.contract.ts';

/** What the port promises, of whatever stands behind it. `start` is called once. */
export function describeHomeserver(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`homeserver (${name})`, () => {
    const shared = share(start);
    describeAccounts(shared);
    describeRooms(shared);
    describeMemberships(shared);
    describeProfiles(shared);
    describePower(shared);
    describeSpaces(shared);
    describeNotices(shared);
    describeOutages(shared);
  });
}
