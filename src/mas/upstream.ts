import type { RestClient } from '../rest/client.ts';
import { whereServed } from '../rest/found.ts';
import { optionalText } from '../rest/read.ts';
import { allResources, type Resource } from './resource.ts';
import { MasTrouble } from './trouble.ts';

/** An identity provider as MAS knows it. */
export type UpstreamProvider = {
  readonly id: string;
  /** MAS may know it without one, when it does no discovery. */
  readonly issuer: string | undefined;
  readonly name: string | undefined;
  readonly isEnabled: boolean;
};

/** How the settings name the provider: by its id, or by its issuer. */
export type UpstreamChoice =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'issuer'; readonly issuer: string };

/** All that MAS knows (MAS 1.3 and later). */
export async function upstreamProviders(client: RestClient): Promise<readonly UpstreamProvider[]> {
  const route = '/api/admin/v1/upstream-oauth-providers';
  return (await allResources(client, { route }, 'provider')).map(providerOf);
}

/** Whether two issuers are the same but for a slash at the end, which people leave out. */
function isSameIssuer(one: string, other: string): boolean {
  return one.replace(/\/$/, '') === other.replace(/\/$/, '');
}

/** The ULID of the provider. Rejects with `HomeserverError`, `unauthorised` if somebody must mend the settings. */
export async function findProvider(client: RestClient, choice: UpstreamChoice): Promise<string> {
  if (choice.kind === 'id') return verified(client, choice.id);
  const providers = await upstreamProviders(client);
  const fitting = providers.filter(({ issuer, isEnabled }) => {
    return isEnabled && issuer !== undefined && isSameIssuer(issuer, choice.issuer);
  });
  const [found, other] = fitting;
  if (found !== undefined && other === undefined) return found.id;
  const count = found === undefined ? 'no' : 'more than one';
  throw new MasTrouble(
    `MAS has ${count} enabled upstream provider with the issuer ${choice.issuer}`,
    `set MAS_UPSTREAM_PROVIDER_ID to one of ${listed(providers)}`,
  );
}

/** Links to a provider that MAS does not know are refused one by one, as if somebody's account were missing. */
async function verified(client: RestClient, id: string): Promise<string> {
  // Older ones have no such list.
  const providers = await whereServed(upstreamProviders(client));
  if (providers === undefined || providers.some((each) => each.id === id)) return id;
  throw new MasTrouble(
    `MAS knows no upstream provider ${id}`,
    `set MAS_UPSTREAM_PROVIDER_ID to one of ${listed(providers)}`,
  );
}

function listed(providers: readonly UpstreamProvider[]): string {
  const named = providers.map(({ id, issuer, name }) => `${id} (${name ?? issuer ?? 'without a name'})`);
  return named.join(', ') || 'none, since it has no provider at all';
}

function providerOf({ id, attributes }: Resource): UpstreamProvider {
  return {
    id,
    issuer: optionalText(attributes.issuer, 'issuer'),
    name: optionalText(attributes.human_name, 'human_name'),
    isEnabled: optionalText(attributes.disabled_at, 'disabled_at') === undefined,
  };
}
