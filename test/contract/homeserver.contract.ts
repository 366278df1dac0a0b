import { afterAll, beforeAll, describe } from 'vitest';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { describeAccounts } from './homeserver-accounts.contract.ts';
import { describeMemberships } from './homeserver-memberships.contract.ts';
import { describeOutages } from './homeserver-outages.contract.ts';
import { describeRooms } from './homeserver-rooms.contract.ts';
import type { Shared } from './homeserver-shared.ts';

/** What the port promises, of whatever stands behind it. `start` is called once. */
export function describeHomeserver(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`homeserver (${name})`, () => {
    let started: HomeserverUnderTest | undefined;
    let names = 0;
    const shared: Shared = {
      get server() {
        if (started === undefined) throw new Error('not started');
        return started;
      },
      fresh(prefix) {
        names += 1;
        return `${prefix}${names}`;
      },
    };

    beforeAll(async () => {
      started = await start();
      await started.homeserver.liftRateLimit();
    });
    afterAll(() => started?.close());

    describeAccounts(shared);
    describeRooms(shared);
    describeMemberships(shared);
    describeOutages(shared);
  });
}
