import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { createMasAccounts } from './accounts.ts';
import type { Mas } from './mas.ts';

type Deps = {
  readonly mas: Mas;
  /** With a token that MAS gave the bot. */
  readonly synapse: Homeserver;
  readonly bot: UserId;
  /** What the port calls the upstream provider whose people these are. */
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A Synapse whose people sign in by the Matrix Authentication Service: their accounts are kept there, the rest in Synapse. */
export function createMasHomeserver({ mas, synapse, bot, provider, now }: Deps): Homeserver {
  return {
    ...synapse,
    ...createMasAccounts({ mas, synapse, bot, provider, now }),

    /** Both have to be there, for Synapse remembers for a while what MAS said of a token. Each pass begins with it. */
    async identify() {
      mas.doubt();
      const [identity, { text }] = await Promise.all([synapse.identify(), mas.release()]);
      return { ...identity, authVersion: text };
    },
  };
}
