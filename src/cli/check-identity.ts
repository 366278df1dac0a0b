import type { Config } from '../config/config.ts';
import { type Finding, failure, ok, warning } from '../desk/finding.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';

/** The oldest Synapse that the tests ran against. */
const OLDEST_TESTED = [1, 160] as const;

/** Which Synapse answers, and whose token we have; whether that is enough to look at more. */
export async function checkIdentity(
  config: Config,
  homeserver: Homeserver,
): Promise<{ readonly findings: readonly Finding[]; readonly isUsable: boolean }> {
  const { url, adminUserId } = config.matrix;
  try {
    const { userId, admin, serverVersion } = await homeserver.identify();
    const findings = [ok('homeserver', `Synapse ${serverVersion} at ${url}`), ...checkVersion(serverVersion)];
    if (userId !== adminUserId) {
      findings.push(
        failure('token', {
          found: `MATRIX_ADMIN_TOKEN belongs to ${userId}, MATRIX_ADMIN_USER_ID is ${adminUserId}`,
          meaning: 'Usher would not know its own work from that of others, and does nothing.',
          remedy: 'correct one of them.',
        }),
      );
    } else if (admin) {
      findings.push(ok('token', `belongs to ${userId}, a server admin`));
    } else {
      findings.push(notAdmin(userId));
    }
    return { findings, isUsable: admin && userId === adminUserId };
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    return { findings: [unreachable(error, url)], isUsable: false };
  }
}

function notAdmin(userId: string): Finding {
  return failure('token', {
    found: `${userId} is not a server admin`,
    meaning: 'Usher can not make accounts or add people to rooms.',
    remedy: `make it one, e.g. UPDATE users SET admin = 1 WHERE name = '${userId}' in Synapse's database.`,
  });
}

function unreachable(error: HomeserverError, url: string): Finding {
  if (error.kind === 'unauthorised') {
    return failure('token', {
      found: 'the homeserver does not accept MATRIX_ADMIN_TOKEN',
      meaning: 'Usher can do nothing; what identity providers push is kept until then.',
      remedy: 'log in as the bot again and set the new access token.',
    });
  }
  if (error.kind === 'refused') return notAdmin('the owner of MATRIX_ADMIN_TOKEN');
  return failure('homeserver', {
    found: error.message,
    meaning: `nothing that is a Synapse answers at ${url}.`,
    remedy:
      'check MATRIX_URL as seen from here, that Synapse runs, and that a proxy lets /_synapse/admin through.',
  });
}

function checkVersion(version: string): readonly Finding[] {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_TESTED;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return [];
  return [
    warning('homeserver', {
      found: `Synapse ${version} is older than ${OLDEST_TESTED.join('.')}, the oldest that Usher was tested with`,
      meaning: 'it may work; some calls may not exist.',
      remedy: 'update Synapse.',
    }),
  ];
}
