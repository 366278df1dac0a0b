import type { MasAuth } from '../../config/matrix-auth.ts';
import { type Finding, failure, ok } from '../../desk/finding.ts';
import { isAtLeast, type Release, SINCE } from '../../mas/release.ts';
import { MasTrouble } from '../../mas/trouble.ts';
import { type UpstreamProvider, upstreamProviders } from '../../mas/upstream.ts';
import { pasted } from '../check-report.ts';
import type { MasConnection } from '../connection.ts';

const NO_LINKS =
  'accounts can not be linked to the people of the identity provider, so Usher makes none; who signs in would get another one.';

/** Whether people can sign in by the provider of the settings. Resolves with its id; undefined if they can't. */
export async function* checkUpstream(
  { upstream }: MasAuth,
  { mas, client }: MasConnection,
  release: Release,
): AsyncGenerator<Finding, string | undefined> {
  const subject = upstream.kind === 'id' ? 'MAS_UPSTREAM_PROVIDER_ID' : 'MAS_UPSTREAM_ISSUER';
  let id: string;
  try {
    id = await mas.providerId();
  } catch (error) {
    if (!(error instanceof MasTrouble)) throw error;
    const { found, cure } = error;
    const isTold = isAtLeast(release, SINCE.providers);
    const remedy = isTold ? choiceOf(await upstreamProviders(client)) : `${cure}.`;
    yield failure(subject, { found, meaning: NO_LINKS, remedy });
    return undefined;
  }
  if (!isAtLeast(release, SINCE.providers)) {
    yield ok(
      subject,
      `${id}; it can't be looked at, for MAS before 1.3 does not tell which providers it has`,
    );
    return id;
  }
  for (const provider of await upstreamProviders(client)) {
    if (provider.id !== id) continue;
    if (!provider.isEnabled) {
      yield isDisabled(subject, provider);
      return undefined;
    }
    yield ok(subject, `${described(provider)} is enabled`);
  }
  return id;
}

function isDisabled(subject: string, provider: UpstreamProvider): Finding {
  const inMas = pasted(`
upstream_oauth2:
  providers:
    - id: ${provider.id}
      enabled: true`);
  return failure(subject, {
    found: `${described(provider)} is disabled in MAS`,
    meaning: 'nobody can sign in by it, and so to the accounts that Usher makes.',
    remedy: `put it into the configuration of MAS again with all that it had, or set "enabled", and restart MAS:${inMas}
      If another provider has taken its place, set MAS_UPSTREAM_PROVIDER_ID to the id of that one.`,
  });
}

/** The providers to choose from, by the setting that names each of them. */
function choiceOf(providers: readonly UpstreamProvider[]): string {
  if (providers.length === 0) {
    return 'add the provider below upstream_oauth2.providers in the configuration of MAS, restart it, and set MAS_UPSTREAM_PROVIDER_ID to the "id" that you gave it.';
  }
  const lines = providers.map((each) => `${described(each)}${each.isEnabled ? '' : ', disabled'}`);
  return `set MAS_UPSTREAM_PROVIDER_ID (and not MAS_UPSTREAM_ISSUER) to the id of one of these:${pasted(lines.join('\n'))}`;
}

function described({ id, name, issuer }: UpstreamProvider): string {
  const called = name === undefined ? '' : `${name}, `;
  return `${id} (${called}${issuer === undefined ? 'without an issuer' : `issuer ${issuer}`})`;
}
