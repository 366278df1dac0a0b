import type { Homeserver } from '../matrix/homeserver.ts';
import { localpartOf, type UserId } from '../matrix/ids.ts';
import type { RestClient } from '../rest/client.ts';
import { createSynapseHomeserver } from '../synapse/homeserver.ts';
import { createMasAccounts } from './accounts.ts';
import type { Mas } from './mas.ts';

type Deps = {
  readonly mas: Mas;
  /** Of Synapse, with a token that MAS gave the bot. */
  readonly client: RestClient;
  readonly bot: UserId;
  /** What the port calls the upstream provider whose people these are. */
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A Synapse whose people sign in by the Matrix Authentication Service: their accounts are kept there, the rest in Synapse. */
export function createMasHomeserver({ mas, client, bot, provider, now }: Deps): Homeserver {
  const synapse = createSynapseHomeserver({ client, bot });
  return {
    ...synapse,
    ...createMasAccounts({ mas, synapse, bot, provider, now }),

    /** Both have to be there, for Synapse remembers for a while what MAS said of a token. Each pass begins with it. */
    async identify() {
      mas.doubt();
      const [identity, { text }] = await Promise.all([synapse.identify(), mas.release()]);
      await mas.users.byName(localpartOf(bot));
      return { ...identity, authVersion: text };
    },
  };
}
