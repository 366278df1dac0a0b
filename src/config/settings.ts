import {
  basePath,
  baseUrl,
  duration,
  exactUrl,
  flag,
  fullUserId,
  groupMap,
  ladder,
  localpartTemplate,
  networks,
  oneOf,
  origin,
  type Parser,
  pemFile,
  privateKeyFile,
  room,
  secret,
  serverName,
  size,
  source,
  text,
  ulid,
  userPatterns,
  webhookUrl,
  wholeNumber,
} from './values.ts';

type About = {
  /** One line, as in `.env.example` and `docs/settings.md`. */
  readonly description: string;
  readonly example: string;
  /** Neither its value nor the path it is read from is ever shown. */
  readonly secret?: true;
};

/** One setting. Its default is written as a person would write it, and read by the same parser. */
export type Setting<T> = About & {
  readonly parse: Parser<T>;
  readonly required: boolean;
  readonly default: string | undefined;
};

function required<T>(parse: Parser<T>, about: About): Setting<T> {
  return { ...about, parse, required: true, default: undefined };
}

function optional<T>(parse: Parser<T>, about: About): Setting<T | undefined> {
  return { ...about, parse, required: false, default: undefined };
}

function withDefault<T>(
  parse: Parser<T>,
  byDefault: string,
  about: Pick<About, 'description'> & Partial<About>,
): Setting<T> {
  return { example: byDefault, ...about, parse, required: false, default: byDefault };
}

/** All settings, in the order of the documentation. */
export const SETTINGS = {
  WEBHOOK_SECRET: required(secret({ minimumLength: 16, hint: 'make one with: openssl rand -hex 32' }), {
    description: 'The bearer token that the identity provider sends; at least 16 characters.',
    example: '<output of: openssl rand -hex 32>',
    secret: true,
  }),
  MATRIX_URL: required(origin, {
    description: 'Where the client and admin API of Synapse answers; without a path.',
    example: 'http://synapse:8008',
  }),
  MATRIX_SERVER_NAME: required(serverName, {
    description: 'The server_name of the homeserver: what follows the colon in a Matrix id.',
    example: 'example.com',
  }),
  MATRIX_ADMIN_USER_ID: required(fullUserId, {
    description: 'The full Matrix id of the bot, a server admin on MATRIX_SERVER_NAME.',
    example: '@usher:example.com',
  }),
  MATRIX_ADMIN_TOKEN: optional(
    secret({ minimumLength: 1, hint: 'write the access token of MATRIX_ADMIN_USER_ID' }),
    {
      description: 'The access token of the bot. Needed, unless MAS_CLIENT_ID is set.',
      example: 'syt_dXNoZXI_...',
      secret: true,
    },
  ),
  IDP_NAME: optional(text, {
    description:
      "Synapse's id of the SSO provider; for the OIDC provider with idp_id x it is oidc-x. Needed, unless MAS_CLIENT_ID is set.",
    example: 'oidc-authentik',
  }),
  GROUP_MAP_FILE: optional(text, {
    description: 'The path of the group map, which is read again when it changes. This or IDP_GROUP_TO_ROOM.',
    example: './group-map.jsonc',
  }),
  IDP_GROUP_TO_ROOM: optional(groupMap, {
    description: 'The group map itself, in place of a file. This or GROUP_MAP_FILE.',
    example: '{"name:Engineering": "%23eng:example.com"}',
  }),
  MATRIX_AUTH: withDefault(oneOf(['auto', 'synapse', 'mas']), 'auto', {
    description:
      'Who signs people in: synapse, or mas (the Matrix Authentication Service). auto asks the homeserver whether it is as the other settings say.',
    example: 'mas',
  }),
  MAS_CLIENT_ID: optional(ulid, {
    description:
      'The id of the client that MAS has for Usher, a ULID. With MAS_CLIENT_SECRET or MAS_CLIENT_KEY_FILE.',
    example: '01J44RKQYM4G3TNVANTMTDYTX6',
  }),
  MAS_CLIENT_SECRET: optional(secret({ minimumLength: 1, hint: 'write the secret of MAS_CLIENT_ID' }), {
    description: 'Its secret.',
    example: '<output of: openssl rand -hex 32>',
    secret: true,
  }),
  MAS_CLIENT_KEY_FILE: optional(privateKeyFile, {
    description: 'The path of a PEM file with its private key (RSA, P-256 or P-384), in place of a secret.',
    example: '/run/secrets/mas_client_key.pem',
  }),
  MAS_UPSTREAM_PROVIDER_ID: optional(ulid, {
    description: 'The id that MAS has for the identity provider, a ULID. This or MAS_UPSTREAM_ISSUER.',
    example: '01HFVBY12TMNTYTBV8W921M5FA',
  }),
  MAS_UPSTREAM_ISSUER: optional(exactUrl, {
    description: 'The issuer of the identity provider, as MAS has it. This or MAS_UPSTREAM_PROVIDER_ID.',
    example: 'https://auth.example.com/application/o/matrix/',
  }),
  MAS_URL: optional(baseUrl, {
    description:
      'Where the admin API of MAS answers, without /api; not set: at the issuer that the homeserver names.',
    example: 'http://mas:8080',
  }),
  LOG_LEVEL: withDefault(oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), 'info', {
    description:
      'The least important level that is logged: fatal, error, warn, info, debug, trace or silent.',
  }),
  DATA_DIR: withDefault(text, './data', {
    description: 'The directory of the database. It must outlive a restart.',
  }),
  BACKUPS_KEPT: withDefault(wholeNumber(1, 1000), '10', {
    description: 'How many backups stay in DATA_DIR/backups, the newest; from 1 to 1000.',
  }),
  HOST: withDefault(text, '0.0.0.0', {
    description: 'The address to listen on.',
  }),
  PORT: withDefault(wholeNumber(0, 65_535), '5000', {
    description: 'The port to listen on; 0 takes any free one.',
  }),
  BASE_PATH: withDefault(basePath, '/scim/v2', {
    description: 'The path below which SCIM answers; / for the root.',
  }),
  PUBLIC_URL: optional(baseUrl, {
    description:
      'Where providers and admins reach Usher, without BASE_PATH. It may have a path, which a proxy may cut off or leave.',
    example: 'https://usher.example.com',
  }),
  TRUSTED_PROXIES: optional(networks, {
    description:
      'Addresses and networks of proxies that are believed when they say, by X-Forwarded-For, where a request comes from.',
    example: '172.16.0.0/12, 10.0.0.5',
  }),
  BASIC_AUTH: withDefault(flag, 'false', {
    description: 'true: a token may also come as the password of Basic authentication, beside any user name.',
    example: 'true',
  }),
  JWT_ISSUER: optional(exactUrl, {
    description:
      'Whose JSON Web Tokens are taken as bearer tokens for SCIM, as it stands in their claim iss. With JWT_AUDIENCE.',
    example: 'https://auth.example.com/application/o/usher/',
  }),
  JWT_AUDIENCE: optional(text, {
    description: 'What such a token must have in its claim aud: the client id, or what the issuer calls us.',
    example: 'usher',
  }),
  JWT_SCOPE: optional(text, {
    description: 'What such a token must have in its claim scope; not set: nothing.',
    example: 'scim',
  }),
  JWT_KEYS_URL: optional(exactUrl, {
    description: "Where the issuer's keys are (JWKS); not set: where its discovery document says.",
    example: 'https://auth.example.com/application/o/usher/jwks/',
  }),
  JWT_SOURCE: withDefault(source, 'default', {
    description: 'The source of what comes with such a token; default is that of WEBHOOK_SECRET.',
  }),
  OIDC_ISSUER: optional(exactUrl, {
    description:
      'The OpenID Connect provider by which admins sign in at the console. With OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, PUBLIC_URL and a group.',
    example: 'https://auth.example.com/application/o/usher-console/',
  }),
  OIDC_CLIENT_ID: optional(text, { description: 'The client id there.', example: 'usher-console' }),
  OIDC_CLIENT_SECRET: optional(
    secret({ minimumLength: 1, hint: 'write the client secret of OIDC_CLIENT_ID' }),
    { description: 'The client secret there.', example: '<from the provider>', secret: true },
  ),
  OIDC_ADMIN_GROUP: optional(text, {
    description: 'The group there whose members may do everything in the console.',
    example: 'matrix-admins',
  }),
  OIDC_READER_GROUP: optional(text, {
    description: 'The group there whose members may look at everything in the console, and change nothing.',
    example: 'matrix-support',
  }),
  OIDC_GROUPS_CLAIM: withDefault(text, 'groups', {
    description: 'The claim that has the groups, in the ID token or in userinfo.',
  }),
  OIDC_SCOPE: withDefault(text, 'openid profile email', {
    description: 'What is asked of the provider; some want groups here, too.',
  }),
  OIDC_NAME: withDefault(text, 'single sign-on', {
    description: 'What the console calls the provider.',
  }),
  METRICS_ACCESS: withDefault(oneOf(['open', 'token']), 'open', {
    description: 'Who may read /metrics: open is everybody who gets there, token needs one of scope metrics.',
    example: 'token',
  }),
  MAX_BODY_SIZE: withDefault(size('1MiB', '256MiB'), '16MiB', {
    description: 'The largest request that is read, in KiB or MiB; from 1MiB to 256MiB.',
  }),
  MAX_RESULTS: withDefault(wholeNumber(1, 10_000), '200', {
    description: 'How many resources one answer to a listing has at most; from 1 to 10000.',
  }),
  BULK_MAX_OPERATIONS: withDefault(wholeNumber(1, 10_000), '100', {
    description:
      'How many operations a bulk request has at most, and how many Authentik puts into one PATCH; from 1 to 10000.',
  }),
  RESYNC_INTERVAL: withDefault(duration('10s', '7d'), '1h', {
    description: 'How often all rooms are read again, in s, m, h or d; from 10s to 7d.',
  }),
  PROVIDER_SILENCE: optional(duration('1m', '90d'), {
    description:
      'After how long without a request a provider is reported, in s, m, h or d; from 1m to 90d. Unset: never.',
    example: '12h',
  }),
  DRY_RUN: withDefault(flag, 'false', {
    description: 'true: say what would change on the homeserver, and change nothing there.',
  }),
  PROVISION: withDefault(oneOf(['all', 'mapped']), 'all', {
    description: 'Who gets an account: all users that are pushed, or only those in a mapped group.',
  }),
  LOCALPART: withDefault(localpartTemplate, '{userName}', {
    description: 'The localpart of new accounts, of {userName}, {externalId}, {emailLocalpart} and text.',
  }),
  EXISTING_ACCOUNTS: withDefault(oneOf(['refuse', 'adopt']), 'refuse', {
    description:
      'An account of that name that is not linked to the person: refuse reports it, adopt links it.',
  }),
  AVATARS: withDefault(oneOf(['off', 'sync']), 'off', {
    description: 'sync: make the photos that the provider names the avatars of those who chose none.',
    example: 'sync',
  }),
  PROTECTED_USERS: optional(userPatterns, {
    description:
      'Accounts that Usher never touches: Matrix ids, separated by commas; * stands for any text, ? for one letter.',
    example: '@boss:example.com, @bot-*:example.com',
  }),
  ON_DEACTIVATE: withDefault(ladder, 'lock', {
    description:
      'What becomes of a deactivated user: nothing, or steps of rooms, suspend, lock, deactivate and erase, each at once or after a time.',
    example: 'lock, deactivate after 30d',
  }),
  ON_DELETE: withDefault(ladder, 'lock', {
    description: 'What becomes of a deleted user; written as ON_DEACTIVATE is.',
    example: 'deactivate, erase after 90d',
  }),
  REMOVAL_LIMIT_PERCENT: withDefault(wholeNumber(0, 100), '25', {
    description:
      'How much of a room, of all memberships or of all accounts may be taken away in an hour without approval, in per cent; 100 is no limit.',
  }),
  REMOVAL_LIMIT_COUNT: withDefault(wholeNumber(0, 100_000), '5', {
    description: 'How many may be taken away in an hour even if that is a larger share; from 0 to 100000.',
  }),
  KICK_REASON: withDefault(text, 'You are no longer in a group that opens this room.', {
    description: 'The reason that people see when they are removed from a room.',
  }),
  REPORT_ROOM: optional(room, {
    description: 'The room, by alias or id, in which the bot says what needs a person; not set: none.',
    example: '%23usher-reports:example.com',
  }),
  REPORT_WEBHOOK_URL: optional(webhookUrl, {
    description: 'Where the same reports are posted as JSON; not set: nowhere. With REPORT_WEBHOOK_SECRET.',
    example: 'https://alerts.example.com/usher',
    secret: true,
  }),
  REPORT_WEBHOOK_SECRET: optional(
    secret({ minimumLength: 16, hint: 'make one with: openssl rand -hex 32' }),
    {
      description: 'What those posts are signed with (Standard Webhooks); at least 16 characters.',
      example: '<output of: openssl rand -hex 32>',
      secret: true,
    },
  ),
  EVENTS_URL: optional(exactUrl, {
    description:
      'Where each change is told as a Security Event Token (RFC 9967, RFC 8935); not set: nowhere. With EVENTS_SECRET.',
    example: 'https://events.example.com/usher',
  }),
  EVENTS_SECRET: optional(secret({ minimumLength: 32, hint: 'make one with: openssl rand -hex 32' }), {
    description: 'What those tokens are signed with (HS256); at least 32 characters.',
    example: '<output of: openssl rand -hex 32>',
    secret: true,
  }),
  MATRIX_CA_FILE: optional(pemFile, {
    description:
      'The path of a PEM file with the certificate authorities to trust for MATRIX_URL and MAS_URL.',
    example: '/etc/ssl/certs/our-ca.pem',
  }),
  MATRIX_TLS_VERIFY: withDefault(flag, 'true', {
    description: 'false: accept any certificate of the homeserver and of MAS. For tests only.',
  }),
  MATRIX_TIMEOUT: withDefault(duration('1s', '10m'), '30s', {
    description: 'How long one call to the homeserver or to MAS may take, in s or m; from 1s to 10m.',
  }),
  MATRIX_CONCURRENCY: withDefault(wholeNumber(1, 32), '4', {
    description:
      'How many calls to the homeserver run at once for people; a full pass reads by half as many beside. From 1 to 32.',
  }),
  MATRIX_LIFT_RATE_LIMIT: withDefault(flag, 'true', {
    description: "true: lift Synapse's rate limit of the bot at start. false: leave it.",
  }),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SETTINGS;

export type Values = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

/** The variable that may hold the path of a file with the value; settings that are paths have none. */
export function fileVariableOf(name: string): string | undefined {
  return name.endsWith('_FILE') ? undefined : `${name}_FILE`;
}
