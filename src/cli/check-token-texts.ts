import type { Config } from '../config/config.ts';
import type { Trouble } from '../desk/finding.ts';
import { mintLine } from '../mas/synapse-tokens.ts';
import { localpartOf, type UserId } from '../matrix/ids.ts';
import { pasted } from './check-report.ts';

/** What may be wrong with the token for Synapse. */
type TokenTexts = {
  readonly refused: Trouble;
  readonly ofAnother: (owner: UserId) => Trouble;
  /** `owner` is undefined if Synapse does not even tell whose it is. */
  readonly notAdmin: (owner: UserId | undefined) => Trouble;
};

const CAN_NOTHING = 'Usher can do nothing; what identity providers push is kept until then.';
const CAN_NOT_ADMINISTER = 'Usher can not make accounts or add people to rooms.';
const NOT_ITS_OWN = 'Usher would not know its own work from that of others, and does nothing.';

export function tokenTexts({ auth, adminUserId: bot }: Config['matrix']): TokenTexts {
  if (auth.kind === 'synapse') return ofSynapse(bot);
  return auth.adminToken === undefined ? keptByUsher(bot) : madeByHand(bot);
}

function ofSynapse(bot: UserId): TokenTexts {
  return {
    refused: {
      found: 'the homeserver does not accept MATRIX_ADMIN_TOKEN',
      meaning: CAN_NOTHING,
      remedy: 'log in as the bot again and set the new access token.',
    },
    ofAnother: (owner) => ({
      found: `MATRIX_ADMIN_TOKEN belongs to ${owner}, MATRIX_ADMIN_USER_ID is ${bot}`,
      meaning: NOT_ITS_OWN,
      remedy: 'correct one of them.',
    }),
    notAdmin: (owner = 'the owner of MATRIX_ADMIN_TOKEN' as UserId) => ({
      found: `${owner} is not a server admin`,
      meaning: CAN_NOT_ADMINISTER,
      remedy: `make it one, e.g. UPDATE users SET admin = 1 WHERE name = '${owner}' in Synapse's database.`,
    }),
  };
}

/** With MAS, and yet MATRIX_ADMIN_TOKEN is set. */
function madeByHand(bot: UserId): TokenTexts {
  const remedy = `remove MATRIX_ADMIN_TOKEN: from MAS 1.5 on Usher gets a token by itself. Before, set it to what this prints:${pasted(mintLine(localpartOf(bot)))}`;
  return {
    ...ofSynapse(bot),
    refused: { ...ofSynapse(bot).refused, remedy },
    notAdmin: () => ({
      found: 'MATRIX_ADMIN_TOKEN has not the scope urn:synapse:admin:*',
      meaning: `${CAN_NOT_ADMINISTER} No token of a login has that scope, whoever logs in.`,
      remedy,
    }),
  };
}

function keptByUsher(bot: UserId): TokenTexts {
  const kept = 'the token for Synapse that Usher keeps in DATA_DIR';
  const remedy =
    'remove synapse-token.json from DATA_DIR while Usher does not run: it gets another one at its start.';
  return {
    refused: {
      found: `${kept} is not accepted`,
      meaning: CAN_NOTHING,
      remedy:
        'start Usher, which gets another one by itself. If it runs, wait two minutes: for so long Synapse goes by what MAS said of a token before.',
    },
    ofAnother: (owner) => ({
      found: `${kept} belongs to ${owner}, MATRIX_ADMIN_USER_ID is ${bot}`,
      meaning: NOT_ITS_OWN,
      remedy: `if MATRIX_ADMIN_USER_ID is right, ${remedy}`,
    }),
    notAdmin: () => ({
      found: `${kept} has not the scope urn:synapse:admin:*`,
      meaning: CAN_NOT_ADMINISTER,
      remedy,
    }),
  };
}
