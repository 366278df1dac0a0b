import type { ConfigProblem } from './error.ts';
import { type Environment, isGiven, problemWith } from './read-settings.ts';
import { SETTINGS, type SettingName, type Values } from './settings.ts';

/** `verified` is whether the homeserver is asked if it is so. */
export type MatrixAuth = { readonly verified: boolean } & (
  | { readonly kind: 'synapse'; readonly adminToken: string }
  | {
      readonly kind: 'mas';
      /** A token for Synapse that somebody made; undefined: Usher gets its own. */
      readonly adminToken: string | undefined;
      readonly client: MasClient;
      /** By its ULID in MAS, or by its issuer. */
      readonly upstream:
        | { readonly kind: 'id'; readonly id: string }
        | { readonly kind: 'issuer'; readonly issuer: string };
      /** Of the admin API, without a slash at the end; undefined: at the issuer that the homeserver names. */
      readonly url: string | undefined;
    }
);

export type MasAuth = Extract<MatrixAuth, { readonly kind: 'mas' }>;

/** How MAS knows us. The private key is PEM. */
export type MasClient = { readonly id: string } & (
  | { readonly secret: string }
  | { readonly privateKey: string }
);

/** Settings of MAS, each of which means nothing without a client there. */
const OF_MAS = [
  ...[
    'MAS_CLIENT_SECRET',
    'MAS_CLIENT_KEY_FILE',
    'MAS_UPSTREAM_PROVIDER_ID',
    'MAS_UPSTREAM_ISSUER',
    'MAS_URL',
  ],
] as const satisfies readonly SettingName[];

/** Problems of the settings that say who signs people in, with each other. */
export function authProblems(
  { MATRIX_AUTH: mode }: Partial<Values>,
  env: Environment,
): readonly ConfigProblem[] {
  const missing = (name: SettingName, why: string): ConfigProblem =>
    problemWith(name, env, `is not set. ${why}`);
  if (!isGiven(env, 'MAS_CLIENT_ID')) {
    const [given] = OF_MAS.filter((name) => isGiven(env, name));
    if (mode === 'mas') return [missing('MAS_CLIENT_ID', 'MATRIX_AUTH is mas: Usher needs a client there')];
    if (given !== undefined) return [missing('MAS_CLIENT_ID', `${given} is: both are needed`)];
    const needed = (['MATRIX_ADMIN_TOKEN', 'IDP_NAME'] as const).filter((name) => !isGiven(env, name));
    return needed.map((name) => missing(name, SETTINGS[name].description));
  }
  if (mode === 'synapse') {
    return [problemWith('MAS_CLIENT_ID', env, 'is set, and MATRIX_AUTH is synapse: remove one of them')];
  }
  return [
    ...exactlyOne(['MAS_CLIENT_SECRET', 'MAS_CLIENT_KEY_FILE'], env),
    ...exactlyOne(['MAS_UPSTREAM_PROVIDER_ID', 'MAS_UPSTREAM_ISSUER'], env),
  ];
}

function exactlyOne(
  [first, second]: readonly [SettingName, SettingName],
  env: Environment,
): readonly ConfigProblem[] {
  const given = [first, second].filter((name) => isGiven(env, name));
  if (given.length === 1) return [];
  const message =
    given.length === 2
      ? `is set, and ${second} is too: keep one`
      : `is not set, and neither is ${second}: set one`;
  return [problemWith(first, env, message)];
}

/** What is missing here, `authProblems` would have said. */
export function authOf(values: Values): MatrixAuth {
  const { MATRIX_AUTH: mode, MATRIX_ADMIN_TOKEN: adminToken, MAS_CLIENT_ID: id } = values;
  const verified = mode === 'auto';
  if (id === undefined) return { kind: 'synapse', verified, adminToken: adminToken ?? '' };
  const { MAS_CLIENT_SECRET: secret = '', MAS_CLIENT_KEY_FILE: privateKey } = values;
  const { MAS_UPSTREAM_PROVIDER_ID: providerId, MAS_UPSTREAM_ISSUER: issuer = '' } = values;
  return {
    ...{ kind: 'mas', verified, adminToken, url: values.MAS_URL },
    client: privateKey === undefined ? { id, secret } : { id, privateKey },
    upstream: providerId === undefined ? { kind: 'issuer', issuer } : { kind: 'id', id: providerId },
  };
}
