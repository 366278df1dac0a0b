import * as oidc from 'openid-client';
import type { OidcProvider } from '../../access/identity-provider.ts';
import type { Scope } from '../../access/token.ts';

export type OidcSettings = OidcProvider & {
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
};

/** What has to come back with her: kept in her browser meanwhile. */
export type Attempt = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** Why somebody could not sign in: `cancelled` by her or the provider, in none of the groups, or something `failed`. */
export type SignInProblem = 'cancelled' | 'no-group' | 'failed';

export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
  readonly problem: SignInProblem;
  constructor(problem: SignInProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

export type OidcClient = {
  /** Where to send her, and what to remember. Rejects with `SignInFailed`. */
  readonly begin: () => Promise<{ readonly url: string; readonly attempt: Attempt }>;
  /** Who she is, when she came back with this query. Rejects with `SignInFailed`. */
  readonly finish: (query: string, attempt: Attempt) => Promise<{ name: string; scopes: readonly Scope[] }>;
};

export function createOidcClient(settings: OidcSettings): OidcClient {
  const { issuer, clientId, clientSecret, redirectUri, scope } = settings;
  let configuration: Promise<oidc.Configuration> | undefined;
  /** Asked for when somebody first signs in: Usher starts whatever the provider does. */
  const configured = async (): Promise<oidc.Configuration> => {
    const isPlain = issuer.startsWith('http:');
    configuration ??= oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      ...(isPlain && { execute: [oidc.allowInsecureRequests] }),
    });
    try {
      return await configuration;
    } catch (error) {
      configuration = undefined;
      throw failed(`${issuer} can't be asked how to sign in`, error);
    }
  };
  return {
    async begin() {
      const config = await configured();
      const attempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      };
      const url = oidc.buildAuthorizationUrl(config, {
        ...{ redirect_uri: redirectUri, scope, state: attempt.state, nonce: attempt.nonce },
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, attempt };
    },
    async finish(query, { state, nonce, verifier }) {
      const config = await configured();
      const answer = await oidc
        .authorizationCodeGrant(config, new URL(`${redirectUri}${query}`), {
          ...{
            pkceCodeVerifier: verifier,
            expectedState: state,
            expectedNonce: nonce,
            idTokenExpected: true,
          },
        })
        .catch((error: unknown) => {
          const isRefusal = error instanceof oidc.AuthorizationResponseError;
          throw isRefusal
            ? new SignInFailed('cancelled', `the provider says ${error.error}`, { cause: error })
            : failed('the answer of the provider is not good', error);
        });
      const claims = answer.claims();
      if (claims === undefined) throw failed('the provider sent no ID token', undefined);
      const known =
        claims[settings.groupsClaim] ?? (await userInfo(config, answer, claims.sub))[settings.groupsClaim];
      const scopes = scopesOf(groupsIn(known), settings);
      const name = nameIn(claims);
      if (scopes.length > 0) return { name, scopes };
      throw new SignInFailed('no-group', `${name} is in none of the groups that may come in`);
    },
  };
}

/** Some providers put groups into the ID token, some only there. */
async function userInfo(
  config: oidc.Configuration,
  { access_token: token }: { readonly access_token: string },
  subject: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return {};
  try {
    return await oidc.fetchUserInfo(config, token, subject);
  } catch (error) {
    throw failed('the provider does not say who she is', error);
  }
}

function groupsIn(claim: unknown): readonly string[] {
  return (Array.isArray(claim) ? claim : [claim]).filter((each) => typeof each === 'string');
}

function scopesOf(
  groups: readonly string[],
  { adminGroup, readerGroup }: Pick<OidcSettings, 'adminGroup' | 'readerGroup'>,
): readonly Scope[] {
  if (adminGroup !== undefined && groups.includes(adminGroup)) return ['admin'];
  return readerGroup !== undefined && groups.includes(readerGroup) ? ['admin:read'] : [];
}

function nameIn({ sub, preferred_username: userName, email, name }: oidc.IDToken): string {
  const [found = sub] = [userName, email, name].filter((each) => typeof each === 'string' && each !== '');
  return String(found);
}

function failed(message: string, cause: unknown): SignInFailed {
  return new SignInFailed('failed', message, { cause });
}
