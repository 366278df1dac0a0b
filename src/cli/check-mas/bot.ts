import type { Config } from '../../config/config.ts';
import type { MasAuth } from '../../config/matrix-auth.ts';
import { type Finding, failure, ok } from '../../desk/finding.ts';
import { isAtLeast, type Release, SINCE } from '../../mas/release.ts';
import { mintLine, mustBeUsable, type TokenKeeper } from '../../mas/synapse-tokens.ts';
import { MasTrouble } from '../../mas/trouble.ts';
import { isUsername, type MasUser } from '../../mas/users.ts';
import { localpartOf, serverNameOf, type UserId } from '../../matrix/ids.ts';
import { MEND, pasted } from '../check-report.ts';
import type { MasConnection } from '../connection.ts';

const CAN_NOTHING = 'Usher can do nothing in Synapse; what identity providers push is kept until then.';

/** What has to be done before Synapse can be asked anything. */
const START = 'start Usher once (with DRY_RUN=true it changes nothing else), and run this again.';

/** Whether the bot may do its work. Resolves with what has to be done before it can; undefined if it can. */
export async function* checkBot(
  { adminUserId: bot }: Config['matrix'],
  { adminToken }: MasAuth,
  { mas }: MasConnection,
  release: Release,
): AsyncGenerator<Finding, string | undefined> {
  const user = await mas.users.byName(localpartOf(bot));
  const trouble = user === undefined ? missing(bot, adminToken) : unusable(user);
  if (trouble !== undefined) {
    yield trouble;
    return MEND;
  }
  const isThere = user !== undefined;
  yield ok(
    'bot',
    isThere ? `MAS knows ${bot}` : `MAS has no user for ${bot} yet; Usher makes it at its start`,
  );
  if (adminToken !== undefined || isAtLeast(release, SINCE.personalSessions)) return undefined;
  yield failure('token', {
    found: `MAS ${release.text} gives Usher no token for Synapse, and MATRIX_ADMIN_TOKEN is not set`,
    meaning: CAN_NOTHING,
    remedy: `update MAS to 1.5 or later; or set MATRIX_ADMIN_TOKEN to what this prints:${pasted(mintLine(localpartOf(bot)))}`,
  });
  return MEND;
}

/** Whether there is a token of ours. Resolves with what has to be done to have one. */
export function* checkKeptToken(
  keeper: Pick<TokenKeeper, 'read'>,
  now: number,
): Generator<Finding, string | undefined> {
  const kept = keeper.read();
  if (kept !== undefined && now < kept.expiresAt) return undefined;
  const found = kept === undefined ? 'there is none for Synapse yet' : 'the one for Synapse has expired';
  yield ok('token', `${found}; Usher gets one from MAS when the service starts`);
  return START;
}

function missing(bot: UserId, adminToken: string | undefined): Finding | undefined {
  const name = localpartOf(bot);
  if (!isUsername(name)) return unusableName(bot);
  if (adminToken === undefined) return undefined;
  return failure('bot', {
    found: `MAS has no user ${name}, whom MATRIX_ADMIN_USER_ID names, and MATRIX_ADMIN_TOKEN is set`,
    meaning: `that token is of somebody else, or of a Synapse that signed people in by itself. ${CAN_NOTHING}`,
    remedy: `remove MATRIX_ADMIN_TOKEN: from MAS 1.5 on Usher makes the bot and its token by itself. Before, make the bot, and set MATRIX_ADMIN_TOKEN to what the second line prints:${pasted(`
mas-cli manage register-user ${name} --yes
${mintLine(localpartOf(bot))}`)}`,
  });
}

function unusableName(bot: UserId): Finding {
  return failure('bot', {
    found: `MATRIX_ADMIN_USER_ID is ${bot}, and MAS takes no user of that name`,
    meaning: `names in MAS have small letters, digits and =_-./+ and do not begin with an underscore. ${CAN_NOTHING}`,
    remedy: `give the bot another name, such as${pasted(`
MATRIX_ADMIN_USER_ID=@usher:${serverNameOf(bot)}`)}`,
  });
}

function unusable(user: MasUser): Finding | undefined {
  try {
    mustBeUsable(user);
    return undefined;
  } catch (error) {
    if (!(error instanceof MasTrouble)) throw error;
    const command = `mas-cli manage unlock-user ${user.deactivated ? '--reactivate ' : ''}${user.username}`;
    return failure('bot', {
      found: error.found,
      meaning: CAN_NOTHING,
      remedy: `take it back:${pasted(command)}`,
    });
  }
}
