import type { MasAuth } from '../../config/matrix-auth.ts';
import { type Finding, failure, ok } from '../../desk/finding.ts';
import { isAtLeast, type Release, readRelease, SINCE } from '../../mas/release.ts';
import { MasTrouble } from '../../mas/trouble.ts';
import { HomeserverError } from '../../matrix/error.ts';
import type { RestClient } from '../../rest/client.ts';
import { pasted } from '../check-report.ts';
import type { MasConnection } from '../connection.ts';
import { clientRemedy } from './client.ts';

const CAN_NOTHING =
  'Usher can look at no account and make none; what identity providers push is kept until then.';
const LISTENER = pasted(`
http:
  listeners:
    - name: internal
      resources: [{ name: adminapi }, { name: oauth }, { name: health }]
      binds: [{ address: "[::]:8081" }]`);

/**
 * Whether the admin API is there, is ours to use, and is that of the right MAS. Resolves with which it is; undefined if
 * nothing more is to be asked of it.
 */
export async function* checkAccess(
  serverName: string,
  auth: MasAuth,
  { mas, client, anonymous, url }: MasConnection,
): AsyncGenerator<Finding, Release | undefined> {
  let release: Release;
  try {
    const base = await url();
    const trouble = await findApi(anonymous, base);
    if (trouble !== undefined) {
      yield trouble;
      return undefined;
    }
    release = await readRelease(client);
    yield ok('MAS_CLIENT_ID', `${auth.client.id} may use the admin API of MAS`);
    yield releaseFinding(release, base);
  } catch (error) {
    yield accessTrouble(error, auth);
    return undefined;
  }
  if (!isAtLeast(release, SINCE.anything)) return undefined;
  try {
    return await mas.release();
  } catch (error) {
    if (!(error instanceof MasTrouble)) throw error;
    yield otherServer(error, serverName);
    return undefined;
  }
}

/** What is wrong with the address. Who may do what is not asked yet: a request without a token is refused by MAS itself. */
async function findApi(anonymous: RestClient, base: string): Promise<Finding | undefined> {
  try {
    await anonymous.call({ method: 'GET', route: '/api/admin/v1/users', query: { 'page[first]': '1' } });
    return undefined;
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    if (error.kind === 'refused' || error.kind === 'unauthorised') return undefined;
    if (error.kind !== 'protocol') return notThere(error, base);
    return failure('MAS_URL', {
      found: (await isMas(anonymous))
        ? `MAS answers at ${base}, on a listener that has no admin API`
        : `there is no admin API of MAS at ${base} (${error.message})`,
      meaning: CAN_NOTHING,
      remedy: `put this into the configuration of MAS, beside the listeners of other names, restart it, and set MAS_URL to that port:${LISTENER}`,
    });
  }
}

function notThere({ message }: HomeserverError, base: string): Finding {
  return failure('MAS_URL', {
    found: `${base}: ${message}`,
    meaning: CAN_NOTHING,
    remedy: `start MAS if it does not run, and set MAS_URL to where it answers as seen from here. That is the host of MAS, with the port that has "adminapi" in its configuration:${LISTENER}`,
  });
}

async function isMas(anonymous: RestClient): Promise<boolean> {
  try {
    await anonymous.call({ method: 'GET', route: '/.well-known/openid-configuration' });
    return true;
  } catch (error) {
    if (error instanceof HomeserverError) return false;
    throw error;
  }
}

function releaseFinding(release: Release, base: string): Finding {
  if (isAtLeast(release, SINCE.anything))
    return ok('MAS', `${release.text} at ${base}; ${abilityOf(release)}`);
  return failure('MAS', {
    found: `MAS is ${release.text}`,
    meaning:
      'it would erase whom it deactivates, and makes accounts that Synapse hears of later. Usher does nothing there; what identity providers push is kept until then.',
    remedy: 'update MAS to 1.18 or later; the oldest that Usher works with is 0.20.',
  });
}

function abilityOf(release: Release): string {
  if (isAtLeast(release, SINCE.displayName)) return 'it can do all that Usher needs';
  if (isAtLeast(release, SINCE.personalSessions))
    return 'display names are given by Synapse, which is as good';
  const byHand = 'it gives Usher no token for Synapse, so that MATRIX_ADMIN_TOKEN is needed';
  if (isAtLeast(release, SINCE.providers)) return byHand;
  return `${byHand}, and MAS_UPSTREAM_PROVIDER_ID; it does not tell for which homeserver it is`;
}

function accessTrouble(error: unknown, auth: MasAuth): Finding {
  if (!(error instanceof HomeserverError)) throw error;
  if (!(error instanceof MasTrouble) && error.errcode === undefined) {
    return failure('MAS_URL', {
      found: `the admin API is there, and Usher gets no further: ${error.message}`,
      meaning: CAN_NOTHING,
      remedy: `have tokens given out at the same port ("oauth" below); in the configuration of MAS:${LISTENER}`,
    });
  }
  if (error instanceof MasTrouble && error.errcode === undefined) {
    return failure('MAS_URL', { found: error.found, meaning: CAN_NOTHING, remedy: `${error.cure}.` });
  }
  const found = error instanceof MasTrouble ? error.found : error.message;
  return failure('MAS_CLIENT_ID', {
    ...{ found, meaning: CAN_NOTHING },
    remedy: clientRemedy(error.errcode, auth.client),
  });
}

function otherServer({ found }: MasTrouble, serverName: string): Finding {
  const inMas = pasted(`
matrix:
  homeserver: ${serverName}`);
  return failure('MATRIX_SERVER_NAME', {
    found,
    meaning: 'accounts would be made for another homeserver, so Usher does nothing.',
    remedy: `set MAS_URL to the MAS of ${serverName}, or correct MATRIX_SERVER_NAME. If this is its MAS, correct that in its configuration, and restart it:${inMas}`,
  });
}
