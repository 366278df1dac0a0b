import type { Config } from '../config/config.ts';
import { type Finding, failure, ok, warning } from '../desk/finding.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import { pasted } from './check-report.ts';
import { tokenTexts } from './check-token-texts.ts';

/** The oldest Synapse that the tests ran against. */
const OLDEST_TESTED = [1, 160] as const;

type Matrix = Config['matrix'];

/** Which Synapse answers, and whose token we have. Resolves with whether it may be asked for more. */
export async function* checkIdentity(
  { matrix }: Config,
  homeserver: Pick<Homeserver, 'identify'>,
): AsyncGenerator<Finding, boolean> {
  const { url, adminUserId } = matrix;
  const texts = tokenTexts(matrix);
  try {
    const { userId, admin, serverVersion } = await homeserver.identify();
    yield ok('homeserver', `Synapse ${serverVersion} at ${url}`);
    yield* checkVersion(serverVersion);
    if (userId !== adminUserId) yield failure('token', texts.ofAnother(userId));
    else if (admin) yield ok('token', `belongs to ${userId}, a server admin`);
    else yield failure('token', texts.notAdmin(userId));
    return admin && userId === adminUserId;
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    if (error.kind === 'unauthorised') yield failure('token', texts.refused);
    else if (error.kind === 'refused') yield failure('token', texts.notAdmin(undefined));
    else yield unreachable(error, matrix);
    return false;
  }
}

export function unreachable(error: HomeserverError, { url, auth }: Matrix): Finding {
  const isOfSynapse = error.kind === 'unavailable' && error.errcode !== undefined;
  if (auth.kind === 'mas' && isOfSynapse) return cutOff(error);
  return failure('homeserver', {
    found: error.message,
    meaning: `nothing that is a Synapse answers at ${url}.`,
    remedy:
      'check MATRIX_URL as seen from here, that Synapse runs, and that a proxy lets /_synapse/admin through.',
  });
}

/** Synapse says so of what it can't ask MAS: who somebody is, or where people sign in. */
function cutOff({ message }: HomeserverError): Finding {
  const inSynapse = `
matrix_authentication_service:
  enabled: true
  endpoint: <where MAS answers as seen from Synapse, e.g. http://mas:8080/>
  secret: <the "secret" below "matrix" in the configuration of MAS>`;
  return failure('homeserver', {
    found: message,
    meaning: 'Synapse answers, and can not ask MAS; people are not signed in either.',
    remedy: `start MAS if it does not run. Else compare this in homeserver.yaml, and restart Synapse:${pasted(inSynapse)}`,
  });
}

function* checkVersion(version: string): Generator<Finding> {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST_TESTED;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  yield warning('homeserver', {
    found: `Synapse ${version} is older than ${OLDEST_TESTED.join('.')}, the oldest that Usher was tested with`,
    meaning: 'it may work; some calls may not exist.',
    remedy: 'update Synapse.',
  });
}
