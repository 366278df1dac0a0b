import type { JwtTrust, OidcProvider } from '../access/identity-provider.ts';
import type { Networks } from '../access/networks.ts';
import { type RoomAlias, type RoomId, serverNameOf, type UserId } from '../matrix/ids.ts';
import type { GroupMap, Limit } from '../plan/group-map.ts';
import type { Ladder } from '../plan/offboarding.ts';
import { ConfigError, type ConfigProblem } from './error.ts';
import { authOf, authProblems, type MatrixAuth } from './matrix-auth.ts';
import { environmentNotices, settingNotices } from './notices.ts';
import { type Environment, isGiven, problemWith, readSettings, variablesIn } from './read-settings.ts';
import type { Values } from './settings.ts';
import type { ReadFile, UserPatterns } from './values.ts';

/** Where the group map is: given as a setting and fixed, or in a file that is watched. */
export type GroupMapLocation =
  | { readonly kind: 'inline'; readonly map: GroupMap; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

/** What Usher is told by its environment. Holds secrets: never log it as a whole. */
export type Config = {
  readonly logLevel: Values['LOG_LEVEL'];
  readonly dataDir: string;
  readonly backupsKept: number;
  readonly groupMap: GroupMapLocation;
  readonly dryRun: boolean;
  readonly resyncIntervalMs: number;
  /** After how long without a request a provider is reported; undefined: never. */
  readonly providerSilenceMs: number | undefined;
  readonly kickReason: string;
  /** What may be taken away within an hour without approval. */
  readonly removalLimit: Limit;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Begins with a slash and does not end with one; empty for the root. */
    readonly basePath: string;
    /** Without a slash at the end. `basePath` follows it in `meta.location`. */
    readonly publicUrl: string | undefined;
    readonly webhookSecret: string;
    /** What is believed about where a request comes from. */
    readonly isProxy: Networks | undefined;
    readonly isBasicAllowed: boolean;
    readonly jwt: JwtTrust | undefined;
    readonly oidc: OidcProvider | undefined;
    readonly areMetricsProtected: boolean;
    /** What one request may ask of us. */
    readonly limits: {
      readonly maxBodyBytes: number;
      readonly maxResults: number;
      readonly maxOperations: number;
    };
  };
  readonly matrix: {
    /** `https://host:port`, without a slash at the end. */
    readonly url: string;
    readonly serverName: string;
    readonly adminUserId: UserId;
    /** Who signs people in, and how we get in. */
    readonly auth: MatrixAuth;
    /** Certificates to trust, in PEM; undefined for those of Node. */
    readonly certificateAuthority: string | undefined;
    readonly verifyTls: boolean;
    readonly timeoutMs: number;
    readonly concurrency: number;
    readonly liftRateLimit: boolean;
  };
  readonly reports: {
    readonly room: RoomAlias | RoomId | undefined;
    /** The URL may hold a secret, too. */
    readonly webhook: { readonly url: string; readonly secret: string } | undefined;
  };
  /** Who is told of each change. `issuer` is where our SCIM is, as far as that is known. */
  readonly events: { readonly url: string; readonly secret: string; readonly issuer: string } | undefined;
  readonly accounts: {
    /** What the identity provider is called in an `ExternalId`: with MAS, it means the upstream provider of the settings. */
    readonly provider: string;
    /** With at least one of `{userName}`, `{externalId}`, `{emailLocalpart}`, and no other placeholder. */
    readonly localpart: string;
    readonly existing: 'refuse' | 'adopt';
    readonly provision: 'all' | 'mapped';
    /** Whether photos that the provider names become avatars. */
    readonly avatars: boolean;
    /** Whom nothing is done to, beside the bot, server admins and accounts of appservices. */
    readonly isProtected: UserPatterns;
    readonly onDeactivate: Ladder;
    readonly onDelete: Ladder;
  };
};

/** Reads the settings. Throws `ConfigError` with all problems; a notice is for the log, and stops nothing. */
export function loadConfig({ env, readFile }: { readonly env: Environment; readonly readFile: ReadFile }): {
  readonly config: Config;
  readonly notices: readonly string[];
} {
  const reading = readSettings(env, readFile);
  const problems = [...reading.problems, ...jointProblems(reading.values, env)];
  const notices = environmentNotices(variablesIn(env));
  if (problems.length > 0) throw new ConfigError(problems, { notices });

  const values = reading.values as Values; // a setting that is required and missing would be a problem
  return {
    config: configOf(values),
    notices: [...settingNotices(values), ...notices],
  };
}

/**
 * The settings of the data alone: a backup can be made and restored whatever is wrong with the others. Throws
 * `ConfigError` with the problems of these.
 */
export function loadDataConfig({
  env,
  readFile,
}: {
  readonly env: Environment;
  readonly readFile: ReadFile;
}): {
  readonly dataDir: string;
  readonly backupsKept: number;
} {
  const { values, problems } = readSettings(env, readFile);
  const { DATA_DIR: dataDir, BACKUPS_KEPT: backupsKept } = values;
  if (dataDir !== undefined && backupsKept !== undefined) return { dataDir, backupsKept };
  throw new ConfigError(problems.filter(({ setting }) => /^(DATA_DIR|BACKUPS_KEPT)(_FILE)?$/.test(setting)));
}

/** Settings that mean nothing without each other. */
const TOGETHER = [
  ['JWT_ISSUER', 'JWT_AUDIENCE'],
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'],
  ['REPORT_WEBHOOK_URL', 'REPORT_WEBHOOK_SECRET'],
  ['EVENTS_URL', 'EVENTS_SECRET'],
] as const;

const GROUPS = ['OIDC_ADMIN_GROUP', 'OIDC_READER_GROUP'] as const;

/** Problems of settings with each other. */
function jointProblems(values: Partial<Values>, env: Environment): readonly ConfigProblem[] {
  const { MATRIX_ADMIN_USER_ID: admin, MATRIX_SERVER_NAME: server } = values;
  const problems: ConfigProblem[] = [];
  if (admin && server && serverNameOf(admin) !== server) {
    const message = `must be on MATRIX_SERVER_NAME, which is ${server}`;
    problems.push(problemWith('MATRIX_ADMIN_USER_ID', env, message));
  }
  for (const names of TOGETHER) {
    const [given] = names.filter((name) => isGiven(env, name));
    const missing = given === undefined ? [] : names.filter((name) => !isGiven(env, name));
    const message = `is not set, and ${given} is: both are needed`;
    problems.push(...missing.map((name) => problemWith(name, env, message)));
  }
  problems.push(...authProblems(values, env));
  if (isGiven(env, 'OIDC_ISSUER') && !isGiven(env, 'PUBLIC_URL')) {
    problems.push(
      problemWith('PUBLIC_URL', env, 'is not set, and OIDC_ISSUER is: people are sent back there'),
    );
  }
  if (isGiven(env, 'OIDC_ISSUER') && !GROUPS.some((name) => isGiven(env, name))) {
    const message = 'is not set, and neither is OIDC_READER_GROUP: nobody could sign in';
    problems.push(problemWith('OIDC_ADMIN_GROUP', env, message));
  }
  const maps = (['GROUP_MAP_FILE', 'IDP_GROUP_TO_ROOM'] as const).filter((name) => isGiven(env, name));
  if (maps.length === 0) {
    problems.push(
      problemWith('GROUP_MAP_FILE', env, 'is not set, and neither is IDP_GROUP_TO_ROOM: set one'),
    );
  }
  if (maps.length === 2) {
    problems.push(problemWith('GROUP_MAP_FILE', env, 'is set, and IDP_GROUP_TO_ROOM is too: keep one'));
  }
  return problems;
}

function configOf(values: Values): Config {
  return Object.freeze({
    logLevel: values.LOG_LEVEL,
    dataDir: values.DATA_DIR,
    backupsKept: values.BACKUPS_KEPT,
    groupMap: Object.freeze(groupMapOf(values)),
    dryRun: values.DRY_RUN,
    resyncIntervalMs: values.RESYNC_INTERVAL,
    providerSilenceMs: values.PROVIDER_SILENCE,
    kickReason: values.KICK_REASON,
    removalLimit: Object.freeze({ percent: values.REMOVAL_LIMIT_PERCENT, count: values.REMOVAL_LIMIT_COUNT }),
    http: Object.freeze({
      host: values.HOST,
      port: values.PORT,
      basePath: values.BASE_PATH,
      publicUrl: values.PUBLIC_URL,
      webhookSecret: values.WEBHOOK_SECRET,
      isProxy: values.TRUSTED_PROXIES,
      isBasicAllowed: values.BASIC_AUTH,
      jwt: jwtOf(values),
      oidc: oidcOf(values),
      areMetricsProtected: values.METRICS_ACCESS === 'token',
      limits: {
        maxBodyBytes: values.MAX_BODY_SIZE,
        maxResults: values.MAX_RESULTS,
        maxOperations: values.BULK_MAX_OPERATIONS,
      },
    }),
    matrix: Object.freeze({
      url: values.MATRIX_URL,
      serverName: values.MATRIX_SERVER_NAME,
      adminUserId: values.MATRIX_ADMIN_USER_ID,
      auth: Object.freeze(authOf(values)),
      certificateAuthority: values.MATRIX_CA_FILE,
      verifyTls: values.MATRIX_TLS_VERIFY,
      timeoutMs: values.MATRIX_TIMEOUT,
      concurrency: values.MATRIX_CONCURRENCY,
      liftRateLimit: values.MATRIX_LIFT_RATE_LIMIT,
    }),
    reports: Object.freeze({ room: values.REPORT_ROOM, webhook: reportWebhookOf(values) }),
    events: Object.freeze(eventsOf(values)),
    accounts: Object.freeze({
      provider: values.IDP_NAME ?? UPSTREAM,
      localpart: values.LOCALPART,
      existing: values.EXISTING_ACCOUNTS,
      provision: values.PROVISION,
      avatars: values.AVATARS === 'sync',
      isProtected: values.PROTECTED_USERS ?? isNobody,
      onDeactivate: values.ON_DEACTIVATE,
      onDelete: values.ON_DELETE,
    }),
  });
}

function reportWebhookOf(values: Values): Config['reports']['webhook'] {
  const { REPORT_WEBHOOK_URL: url, REPORT_WEBHOOK_SECRET: secret } = values;
  return url === undefined || secret === undefined ? undefined : { url, secret };
}

function eventsOf(values: Values): Config['events'] {
  const { EVENTS_URL: url, EVENTS_SECRET: secret, PUBLIC_URL: publicUrl } = values;
  if (url === undefined || secret === undefined) return undefined;
  const known = publicUrl === undefined ? undefined : `${publicUrl}${values.BASE_PATH}`;
  return { url, secret, issuer: known ?? `urn:matrix-usher:${values.MATRIX_SERVER_NAME}` };
}

function jwtOf(values: Values): Config['http']['jwt'] {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = values;
  if (issuer === undefined || audience === undefined) return undefined;
  const { JWT_SCOPE: scope, JWT_KEYS_URL: keysUrl, JWT_SOURCE: source } = values;
  return { issuer, audience, scope, keysUrl, source };
}

function oidcOf(values: Values): Config['http']['oidc'] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = values;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return undefined;
  const { OIDC_ADMIN_GROUP: adminGroup, OIDC_READER_GROUP: readerGroup } = values;
  const { OIDC_NAME: name, OIDC_SCOPE: scope, OIDC_GROUPS_CLAIM: groupsClaim } = values;
  return { issuer, clientId, clientSecret, name, scope, groupsClaim, adminGroup, readerGroup };
}

const isNobody: UserPatterns = () => false;

/** What accounts of the upstream provider are called where IDP_NAME gives it no name. */
const UPSTREAM = 'upstream';

/** Exactly one of the two is set, or `jointProblems` would have said so. */
function groupMapOf({ IDP_GROUP_TO_ROOM: inline, GROUP_MAP_FILE: path = '' }: Values): GroupMapLocation {
  return inline ? { kind: 'inline', ...inline } : { kind: 'file', path };
}
