import { afterAll, beforeAll, describe } from 'vitest';
import { callsOf, type MasFacts, type MasFactsServer } from './mas-facts.ts';
import { describeEmailFacts } from './mas-facts-emails.contract.ts';
import { describeLifecycleFacts } from './mas-facts-lifecycle.contract.ts';
import { describeLinkFacts } from './mas-facts-links.contract.ts';
import { describePersonalSessionFacts } from './mas-facts-personal-sessions.contract.ts';
import { describeDelegationFacts } from './mas-facts-synapse.contract.ts';
import { describeTokenFacts } from './mas-facts-token.contract.ts';
import { describeMasUserFacts } from './mas-facts-users.contract.ts';

/** What a MAS with its Synapse answers by its source, or was seen to answer, and so what the simulator has to. */
export function describeMasFacts(name: string, start: () => Promise<MasFactsServer>): void {
  describe(`MAS facts (${name})`, () => {
    let started: MasFactsServer | undefined;
    let names = 0;
    const run = Date.now().toString(36);
    beforeAll(async () => {
      started = await start();
    });
    afterAll(() => started?.close());
    const facts: MasFacts = {
      get server() {
        if (started === undefined) throw new Error('not started');
        return started;
      },
      fresh(prefix) {
        names += 1;
        return `${prefix}-${run}-${names}`;
      },
    };
    const calls = callsOf(facts);

    describeTokenFacts(facts, calls);
    describeMasUserFacts(facts, calls);
    describeLinkFacts(facts, calls);
    describeEmailFacts(facts, calls);
    describeLifecycleFacts(facts, calls);
    describePersonalSessionFacts(facts, calls);
    describeDelegationFacts(facts, calls);
  });
}
