import { afterAll, beforeAll, describe } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import type { Facts } from './synapse-facts.ts';
import { describeAccountFacts } from './synapse-facts-accounts.contract.ts';
import { describeLimitFacts } from './synapse-facts-limits.contract.ts';
import { describeMembershipFacts } from './synapse-facts-memberships.contract.ts';
import { describeRoomFacts } from './synapse-facts-rooms.contract.ts';
import { describeUserFacts } from './synapse-facts-users.contract.ts';

/** What a real Synapse was seen to answer, and so what the simulator has to. */
export function describeSynapseFacts(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Synapse facts (${name})`, () => {
    let started: HomeserverUnderTest | undefined;
    let names = 0;
    const facts: Facts = {
      get server() {
        if (started === undefined) throw new Error('not started');
        return started;
      },
      fresh(prefix) {
        names += 1;
        return `${prefix}${names}`;
      },
      freshId: (prefix) => userId(facts.fresh(prefix), facts.server.serverName),
      person: (prefix) => facts.server.person(facts.fresh(prefix)),
      async takenRoom(room) {
        const owner = await facts.person('owner');
        const roomId = await owner.createRoom(room);
        await facts.server.homeserver.takeRoom(roomId);
        return { owner, roomId };
      },
    };

    beforeAll(async () => {
      started = await start();
      await started.homeserver.liftRateLimit();
    });
    afterAll(() => started?.close());

    describeUserFacts(facts);
    describeAccountFacts(facts);
    describeMembershipFacts(facts);
    describeRoomFacts(facts);
    describeLimitFacts(facts);
  });
}
