import { HomeserverError } from '../matrix/error.ts';
import type { RestClient } from '../rest/client.ts';
import { whereServed } from '../rest/found.ts';
import { object, text } from '../rest/read.ts';

/** Which MAS it is: `text` as it says it, or as far as it could be found out. */
export type Release = { readonly text: string; readonly major: number; readonly minor: number };

export function isAtLeast(
  { major, minor }: Release,
  [wantedMajor, wantedMinor]: readonly [number, number],
): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** What came with which release (its changelog, and the history of its source). */
export const SINCE = {
  /** Accounts in Synapse at once, `skip_erase`, `reactivate`: without these nothing is promised. */
  anything: [0, 20],
  /** The list of upstream providers, and `site-config`. */
  providers: [1, 3],
  /** Says its version. */
  version: [1, 4],
  /** Tokens of the bot that we get by ourselves. */
  personalSessions: [1, 5],
  /** A display name for a new user. */
  displayName: [1, 18],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

const NOBODY = '00000000000000000000000000';

/** By its version, and before 1.4 by what it has. Rejects with `HomeserverError`. */
export async function readRelease(client: RestClient): Promise<Release> {
  let version = await versionOf(client);
  if (version === undefined) {
    await mustServe(client);
    // MAS may have begun to answer in between; it would be taken for an older one for as long as we run.
    version = await versionOf(client);
  }
  if (version !== undefined) return releaseOf(version);
  const siteConfig = await whereServed(client.call({ method: 'GET', route: '/api/admin/v1/site-config' }));
  if (siteConfig !== undefined) return { text: '1.3', major: 1, minor: 3 };
  return (await hasReactivate(client))
    ? { text: 'between 0.20 and 1.2', major: 0, minor: 20 }
    : { text: 'older than 0.20', major: 0, minor: 0 };
}

async function versionOf(client: RestClient): Promise<string | undefined> {
  const answer = await whereServed(client.call({ method: 'GET', route: '/api/admin/v1/version' }));
  return answer === undefined ? undefined : text(object(answer, 'the version').version, 'version');
}

/** Refused with 401 or answered with a page where there is an admin API at all, which there may not be yet. */
async function mustServe(client: RestClient): Promise<void> {
  await client.call({ method: 'GET', route: '/api/admin/v1/users', query: { 'page[first]': '1' } });
}

function releaseOf(version: string): Release {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major === undefined || minor === undefined) {
    throw new HomeserverError('protocol', `MAS calls its version ${JSON.stringify(version.slice(0, 40))}`);
  }
  return { text: version.replace(/^v/, ''), major: Number(major), minor: Number(minor) };
}

/** Nobody has that id, so nothing is done; only the way it is refused tells whether there is such a request. */
async function hasReactivate(client: RestClient): Promise<boolean> {
  try {
    const route = '/api/admin/v1/users/{id}/reactivate';
    await client.call({ method: 'POST', route, params: { id: NOBODY } });
    return true;
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    if (error.kind === 'not-found') return true;
    if (error.kind === 'protocol') return false;
    throw error;
  }
}
