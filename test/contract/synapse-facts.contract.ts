import { describe } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import type { HomeserverUnderTest } from '../support/homeserver/harness.ts';
import { share } from './homeserver-shared.ts';
import type { Facts } from './synapse-facts.ts';
import { describeAccountFacts } from './synapse-facts-accounts.contract.ts';
import { describeLimitFacts } from './synapse-facts-limits.contract.ts';
import { describeMembershipFacts } from './synapse-facts-memberships.contract.ts';
import { describePowerFacts } from './synapse-facts-power.contract.ts';
import { describeProfileFacts } from './synapse-facts-profiles.contract.ts';
import { describeRoomFacts } from './synapse-facts-rooms.contract.ts';
import { describeSpaceFacts } from './synapse-facts-spaces.contract.ts';
import { describeUserFacts } from './synapse-facts-users.contract.ts';

/** What a real Synapse was seen to answer, and so what the simulator has to. */
export function describeSynapseFacts(name: string, start: () => Promise<HomeserverUnderTest>): void {
  describe(`Synapse facts (${name})`, () => {
    const shared = share(start);
    const facts: Facts = {
      get server() {
        return shared.server;
      },
      fresh: shared.fresh,
      freshId: (prefix) => userId(facts.fresh(prefix), facts.server.serverName),
      person: (prefix) => facts.server.person(facts.fresh(prefix)),
      async takenRoom(room) {
        const owner = await facts.person('owner');
        const roomId = await owner.createRoom(room);
        await facts.server.homeserver.takeRoom(roomId);
        return { owner, roomId };
      },
    };

    describeUserFacts(facts);
    describeAccountFacts(facts);
    describeMembershipFacts(facts);
    describeRoomFacts(facts);
    describeProfileFacts(facts);
    describePowerFacts(facts);
    describeSpaceFacts(facts);
    describeLimitFacts(facts);
  });
}
