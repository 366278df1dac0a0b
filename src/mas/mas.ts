import type { RestClient } from '../rest/client.ts';
import { createUserEmails, type UserEmails } from './emails.ts';
import { createUpstreamLinks, type UpstreamLinks } from './links.ts';
import { once } from './once.ts';
import { isAtLeast, type Release, readRelease, SINCE } from './release.ts';
import { createPersonalSessions, type PersonalSessions } from './sessions.ts';
import { readSiteConfig } from './site-config.ts';
import { MasTrouble } from './trouble.ts';
import { findProvider, type UpstreamChoice } from './upstream.ts';
import { createMasUsers, type MasUsers } from './users.ts';

/** The Matrix Authentication Service, as far as accounts need it. Every method rejects with `HomeserverError` alone. */
export type Mas = {
  readonly users: MasUsers;
  readonly links: UpstreamLinks;
  readonly emails: UserEmails;
  readonly sessions: PersonalSessions;
  /** The ULID of the upstream provider whose people these are; asked for once, until it is doubted. */
  readonly providerId: () => Promise<string>;
  /** Asked for once, until it is doubted. */
  readonly release: () => Promise<Release>;
  /** It may have been updated, configured anew, or replaced: it is asked again. */
  readonly doubt: () => void;
};

type Options = {
  readonly client: RestClient;
  readonly clientId: string;
  readonly upstream: UpstreamChoice;
  /** Of the homeserver that it is to sign people in for. */
  readonly serverName: string;
};

/** Nothing is asked of a MAS that is too old, or another homeserver's. */
export function createMas({ client, clientId, upstream, serverName }: Options): Mas {
  const release = once(async () => {
    const found = await readRelease(client);
    if (!isAtLeast(found, SINCE.anything)) throw tooOld(found);
    if (isAtLeast(found, SINCE.providers)) mustBeOf(serverName, (await readSiteConfig(client)).serverName);
    return found;
  });
  const known: RestClient = {
    async call(call) {
      await release.ask();
      return client.call(call);
    },
  };
  const providerId = once(async () => {
    const found = await release.ask();
    if (upstream.kind === 'issuer' && !isAtLeast(found, SINCE.providers)) throw noProviders(found);
    return findProvider(known, upstream);
  });
  return {
    release: release.ask,
    providerId: providerId.ask,
    doubt() {
      release.doubt();
      providerId.doubt();
    },
    users: createMasUsers(known),
    links: createUpstreamLinks(known),
    emails: createUserEmails(known),
    sessions: createPersonalSessions(known, clientId),
  };
}

function tooOld({ text }: Release): MasTrouble {
  const [major, minor] = SINCE.anything;
  return new MasTrouble(
    `MAS is ${text}`,
    `it would erase whom it deactivates, and makes accounts that Synapse hears of later. Update it to ${major}.${minor} or later, best 1.18`,
  );
}

function noProviders({ text }: Release): MasTrouble {
  return new MasTrouble(
    `MAS (${text}) does not tell which upstream providers it has, as it does from 1.3 on`,
    'set MAS_UPSTREAM_PROVIDER_ID to the "id" in its configuration, in place of MAS_UPSTREAM_ISSUER',
  );
}

function mustBeOf(serverName: string, found: string): void {
  if (found === serverName) return;
  throw new MasTrouble(
    `this MAS signs people in for ${found}, and MATRIX_SERVER_NAME is ${serverName}`,
    'correct MAS_URL or MATRIX_SERVER_NAME',
  );
}
