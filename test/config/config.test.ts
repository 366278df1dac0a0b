import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError, type ConfigProblem } from '../../src/config/error.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { GroupMapError } from '../../src/plan/group-map.ts';
import type { Ladder } from '../../src/plan/offboarding.ts';

const SECRET = '0123456789abcdef';
const TOKEN = 'syt_the_token';
const DAY_MS = 86_400_000;

const LADDER_RULE =
  'must be nothing, or steps of rooms, suspend, lock, deactivate, erase such as "lock, deactivate after 30d"';
const EACH_TAKES_MORE = 'each step takes more than the one before (rooms, suspend, lock, deactivate, erase)';
const PATTERN_RULE = 'must be Matrix ids such as @boss:example.com or @bot-*:example.com';

const complete = {
  WEBHOOK_SECRET: SECRET,
  MATRIX_URL: 'http://synapse:8008',
  MATRIX_SERVER_NAME: 'example.com',
  MATRIX_ADMIN_USER_ID: '@usher:example.com',
  MATRIX_ADMIN_TOKEN: TOKEN,
  IDP_NAME: 'oidc-authentik',
  GROUP_MAP_FILE: './group-map.jsonc',
};

type Overrides = Readonly<Record<string, string | undefined>>;

function load(overrides: Overrides = {}, files: Readonly<Record<string, string>> = {}) {
  return loadConfig({
    env: { ...complete, ...overrides },
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return content;
    },
  });
}

function errorOf(overrides: Overrides, files?: Readonly<Record<string, string>>): ConfigError {
  try {
    load(overrides, files);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration is valid');
}

function problemsOf(overrides: Overrides, files?: Readonly<Record<string, string>>): string[] {
  return errorOf(overrides, files).problems.map(({ setting, message }) => `${setting} ${message}`);
}

describe('configuration', () => {
  it('has a default for all that is not required', () => {
    const { config, notices } = load();

    expect(config).toEqual({
      logLevel: 'info',
      dataDir: './data',
      backupsKept: 10,
      groupMap: { kind: 'file', path: './group-map.jsonc' },
      dryRun: false,
      resyncIntervalMs: 3_600_000,
      kickReason: 'You are no longer in a group that opens this room.',
      removalLimit: { percent: 25, count: 5 },
      http: {
        host: '0.0.0.0',
        port: 5000,
        basePath: '/scim/v2',
        publicUrl: undefined,
        webhookSecret: SECRET,
        ...{
          isProxy: undefined,
          isBasicAllowed: false,
          jwt: undefined,
          oidc: undefined,
          areMetricsProtected: false,
        },
        limits: { maxBodyBytes: 16_777_216, maxResults: 200, maxOperations: 100 },
      },
      matrix: {
        url: 'http://synapse:8008',
        serverName: 'example.com',
        adminUserId: '@usher:example.com',
        auth: { kind: 'synapse', verified: true, adminToken: TOKEN },
        certificateAuthority: undefined,
        verifyTls: true,
        timeoutMs: 30_000,
        concurrency: 4,
        liftRateLimit: true,
      },
      reports: { room: undefined, webhook: undefined },
      events: undefined,
      accounts: {
        provider: 'oidc-authentik',
        localpart: '{userName}',
        existing: 'refuse',
        provision: 'all',
        avatars: false,
        isProtected: expect.any(Function),
        onDeactivate: [{ step: 'lock', afterMs: 0 }],
        onDelete: [{ step: 'lock', afterMs: 0 }],
      },
    });
    expect(config.accounts.isProtected(config.matrix.adminUserId)).toBe(false);
    expect(notices).toEqual([]);
  });

  it('is frozen, in all its parts', () => {
    const { config } = load();
    const parts = [config, ...Object.values(config).filter((part) => typeof part === 'object')];

    expect(parts).toHaveLength(7);
    expect(parts.every(Object.isFrozen)).toBe(true);
  });

  it.each<[string, string, (config: ReturnType<typeof load>['config']) => unknown, unknown]>([
    ['LOG_LEVEL', 'trace', (config) => config.logLevel, 'trace'],
    ['BACKUPS_KEPT', '1000', (config) => config.backupsKept, 1000],
    ['HOST', '::', (config) => config.http.host, '::'],
    ['PORT', '0', (config) => config.http.port, 0],
    ['PORT', ' 8080\n', (config) => config.http.port, 8080],
    ['BASE_PATH', '/', (config) => config.http.basePath, ''],
    ['BASE_PATH', '/a/b.c/', (config) => config.http.basePath, '/a/b.c'],
    ['PUBLIC_URL', 'https://x.org/', (config) => config.http.publicUrl, 'https://x.org'],
    ['PUBLIC_URL', 'https://x.org/usher/', (config) => config.http.publicUrl, 'https://x.org/usher'],
    ['BASIC_AUTH', 'true', (config) => config.http.isBasicAllowed, true],
    ['METRICS_ACCESS', 'token', (config) => config.http.areMetricsProtected, true],
    ['TRUSTED_PROXIES', '10.0.0.0/8, ::1', ({ http }) => http.isProxy?.('10.1.2.3'), true],
    ['TRUSTED_PROXIES', '10.0.0.0/8, ::1', ({ http }) => http.isProxy?.('192.0.2.7'), false],
    ['MAX_BODY_SIZE', '1024KiB', (config) => config.http.limits.maxBodyBytes, 1_048_576],
    ['MATRIX_URL', 'https://x.org:8448/', (config) => config.matrix.url, 'https://x.org:8448'],
    ['MATRIX_TIMEOUT', '1m', (config) => config.matrix.timeoutMs, 60_000],
    ['MATRIX_TIMEOUT', '', (config) => config.matrix.timeoutMs, 30_000],
    ['MATRIX_CONCURRENCY', '32', (config) => config.matrix.concurrency, 32],
    ['MATRIX_LIFT_RATE_LIMIT', 'false', (config) => config.matrix.liftRateLimit, false],
    ['RESYNC_INTERVAL', '90s', (config) => config.resyncIntervalMs, 90_000],
    ['RESYNC_INTERVAL', '15m', (config) => config.resyncIntervalMs, 900_000],
    ['RESYNC_INTERVAL', '7d', (config) => config.resyncIntervalMs, 604_800_000],
    ['DRY_RUN', 'true', (config) => config.dryRun, true],
    ['LOCALPART', 'x-{externalId}', (config) => config.accounts.localpart, 'x-{externalId}'],
    ['EXISTING_ACCOUNTS', 'adopt', (config) => config.accounts.existing, 'adopt'],
    ['PROVISION', 'mapped', (config) => config.accounts.provision, 'mapped'],
    ['AVATARS', 'sync', (config) => config.accounts.avatars, true],
    ['REMOVAL_LIMIT_PERCENT', '100', (config) => config.removalLimit, { percent: 100, count: 5 }],
    ['REMOVAL_LIMIT_PERCENT', '0', (config) => config.removalLimit, { percent: 0, count: 5 }],
    ['REMOVAL_LIMIT_COUNT', '100000', (config) => config.removalLimit, { percent: 25, count: 100_000 }],
  ])('reads %s=%j', (name, value, read, expected) => {
    expect(read(load({ [name]: value }).config)).toEqual(expected);
  });

  it.each<[string, Ladder]>([
    ['nothing', []],
    ['rooms', [{ step: 'rooms', afterMs: 0 }]],
    ['erase', [{ step: 'erase', afterMs: 0 }]],
    [
      'lock, deactivate after 30d',
      [
        { step: 'lock', afterMs: 0 },
        { step: 'deactivate', afterMs: 30 * DAY_MS },
      ],
    ],
    [
      'rooms after 1h,suspend after 2h , lock  after 2h,  deactivate after 3650d, erase after 3650d',
      [
        { step: 'rooms', afterMs: 3_600_000 },
        { step: 'suspend', afterMs: 7_200_000 },
        { step: 'lock', afterMs: 7_200_000 },
        { step: 'deactivate', afterMs: 3650 * DAY_MS },
        { step: 'erase', afterMs: 3650 * DAY_MS },
      ],
    ],
  ])('reads the steps of %j, for those who were deactivated and those who were deleted', (value, steps) => {
    expect(load({ ON_DEACTIVATE: value }).config.accounts).toMatchObject({ onDeactivate: steps });
    expect(load({ ON_DELETE: value }).config.accounts).toMatchObject({ onDelete: steps });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['@boss:example.com', ['@boss:example.com'], ['@boss:example_com', '@bigboss:example.com']],
    ['@boss:example.com', [], ['@boss:example.com.evil.org', '@boss2:example.com', '@BOSS:example.com']],
    ['@a:x.org, @b:x.org', ['@a:x.org', '@b:x.org'], ['@c:x.org', '@a:x.org,']],
    ['@bot-*:x.org', ['@bot-1:x.org', '@bot-:x.org', '@bot-a.b:x.org'], ['@bot:x.org', '@robot-1:x.org']],
    ['@bot?:x.org', ['@bot1:x.org'], ['@bot:x.org', '@bot12:x.org']],
    ['@**a:x.org', ['@a:x.org', '@ba:x.org'], ['@b:x.org']],
    ['@a.b+c:x.org', ['@a.b+c:x.org'], ['@axb+c:x.org', '@a.bbc:x.org']],
    ['@boss:[::1]:8448', ['@boss:[::1]:8448'], ['@boss:[::1]']],
    ['@boss:localhost:8448', ['@boss:localhost:8448'], ['@boss:localhost']],
  ])('protects by %j those it names, and nobody else', (PROTECTED_USERS, named, others) => {
    const { isProtected } = load({ PROTECTED_USERS }).config.accounts;

    expect(named.filter((id) => !isProtected(id as UserId))).toEqual([]);
    expect(others.filter((id) => isProtected(id as UserId))).toEqual([]);
  });

  it.each([
    ['example.com:8448', '@usher:example.com:8448'],
    ['[::1]:8448', '@usher:[::1]:8448'],
    ['localhost', '@usher:localhost'],
  ])('accepts the server name %s', (MATRIX_SERVER_NAME, MATRIX_ADMIN_USER_ID) => {
    const { config } = load({ MATRIX_SERVER_NAME, MATRIX_ADMIN_USER_ID });

    expect(config.matrix.serverName).toBe(MATRIX_SERVER_NAME);
  });

  it.each([
    ['LOG_LEVEL', 'INFO', 'must be one of fatal, error, warn, info, debug, trace, silent'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['PORT', '1e3', 'must be a whole number from 0 to 65535'],
    ['PORT', '-1', 'must be a whole number from 0 to 65535'],
    ['MATRIX_CONCURRENCY', '0', 'must be a whole number from 1 to 32'],
    ['DRY_RUN', 'yes', 'must be true or false'],
    ['DRY_RUN', 'True', 'must be true or false'],
    ['MATRIX_TLS_VERIFY', '0', 'must be true or false'],
    ['MATRIX_LIFT_RATE_LIMIT', 'off', 'must be true or false'],
    ['RESYNC_INTERVAL', '3600', 'must be a whole number and a unit (s, m, h, d)'],
    ['RESYNC_INTERVAL', '1.5h', 'must be a whole number and a unit (s, m, h, d)'],
    ['RESYNC_INTERVAL', '1 h', 'must be a whole number and a unit (s, m, h, d)'],
    ['RESYNC_INTERVAL', '1toString', 'must be a whole number and a unit (s, m, h, d)'],
    ['RESYNC_INTERVAL', '9s', 'must be from 10s to 7d'],
    ['RESYNC_INTERVAL', '30d', 'must be from 10s to 7d'],
    ['MATRIX_TIMEOUT', '0s', 'must be from 1s to 10m'],
    [
      'TRUSTED_PROXIES',
      'nginx',
      'has "nginx", which is no address or network such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32',
    ],
    [
      'TRUSTED_PROXIES',
      '10.0.0.0/8,, ::1',
      'has "", which is no address or network such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32',
    ],
    ['METRICS_ACCESS', 'closed', 'must be one of open, token'],
    ['JWT_KEYS_URL', 'auth.example.com', 'must be an absolute http or https URL without a query'],
    ['JWT_SOURCE', 'a b', 'must have 1 to 64 letters, digits and . _ -'],
    ['MAX_BODY_SIZE', '5MB', 'must be a whole number and a unit (KiB, MiB)'],
    ['MAX_BODY_SIZE', '512KiB', 'must be from 1MiB to 256MiB'],
    ['MATRIX_URL', 'synapse:8008', 'must be an http or https URL without a path'],
    ['MATRIX_URL', 'http://synapse:8008/_matrix', 'must be an http or https URL without a path'],
    ['MATRIX_URL', 'http://synapse:8008/?a', 'must be an http or https URL without a path'],
    ['MATRIX_URL', 'ftp://synapse', 'must be an http or https URL without a path'],
    ['PUBLIC_URL', '/usher', 'must be an absolute http or https URL without a query'],
    ['PUBLIC_URL', 'https://x.org/#a', 'must be an absolute http or https URL without a query'],
    ['BASE_PATH', 'scim', 'must be a path that begins with a slash, of letters, digits and . _ ~ -'],
    ['BASE_PATH', '/a//b', 'must be a path that begins with a slash, of letters, digits and . _ ~ -'],
    ['BASE_PATH', '/:id', 'must be a path that begins with a slash, of letters, digits and . _ ~ -'],
    [
      'MATRIX_SERVER_NAME',
      'https://example.com',
      'must be a server name alone: what follows the colon in @ann:example.com',
    ],
    ['MATRIX_ADMIN_USER_ID', 'usher', 'must be a full Matrix user id'],
    ['MATRIX_ADMIN_USER_ID', '@usher:other.org', 'must be on MATRIX_SERVER_NAME, which is example.com'],
    ['EXISTING_ACCOUNTS', 'link', 'must be one of refuse, adopt'],
    ['AVATARS', 'on', 'must be one of off, sync'],
    ['PROVISION', 'none', 'must be one of all, mapped'],
    ['ON_DEACTIVATE', 'ban', `${LADDER_RULE}; "ban" is none`],
    ['ON_DELETE', 'Lock', `${LADDER_RULE}; "Lock" is none`],
    ['ON_DELETE', 'lock,', `${LADDER_RULE}; "" is none`],
    ['ON_DELETE', 'nothing, lock', `${LADDER_RULE}; "nothing" is none`],
    ['ON_DELETE', 'lock after', `${LADDER_RULE}; "lock after" is none`],
    ['ON_DELETE', 'lock after 30', `${LADDER_RULE}; "lock after 30" is none`],
    ['ON_DELETE', 'lock after 1w', `${LADDER_RULE}; "lock after 1w" is none`],
    ['ON_DELETE', 'lock after -1d', `${LADDER_RULE}; "lock after -1d" is none`],
    ['ON_DELETE', 'lock after 3651d', 'has "lock after 3651d": the time must be at most 3650d'],
    ['ON_DEACTIVATE', 'deactivate, lock', `has lock after deactivate: ${EACH_TAKES_MORE}`],
    ['ON_DEACTIVATE', 'lock, lock after 1d', `has lock after lock: ${EACH_TAKES_MORE}`],
    ['ON_DEACTIVATE', 'lock, rooms after 1d', `has rooms after lock: ${EACH_TAKES_MORE}`],
    [
      'ON_DEACTIVATE',
      'lock after 30d, deactivate after 29d',
      'has deactivate sooner than lock, which takes less: give it a later time',
    ],
    [
      'ON_DEACTIVATE',
      'rooms after 7d, lock',
      'has lock sooner than rooms, which takes less: give it a later time',
    ],
    ['PROTECTED_USERS', 'boss', `${PATTERN_RULE}; "boss" is none`],
    ['PROTECTED_USERS', '*', `${PATTERN_RULE}; "*" is none`],
    ['PROTECTED_USERS', '@:example.com', `${PATTERN_RULE}; "@:example.com" is none`],
    ['PROTECTED_USERS', '@boss', `${PATTERN_RULE}; "@boss" is none`],
    ['PROTECTED_USERS', '@boss:example.com,', `${PATTERN_RULE}; "" is none`],
    ['PROTECTED_USERS', '@boss:x.org @bot:x.org', `${PATTERN_RULE}; "@boss:x.org @bot:x.org" is none`],
    ...['@*:example.com', '@**:*', '@?*:example.com', '@?:x.org'].map((pattern): [string, string, string] => [
      'PROTECTED_USERS',
      pattern,
      `has "${pattern}", which protects everybody: nobody would ever be removed. Name whom it is about`,
    ]),
    ['REMOVAL_LIMIT_PERCENT', '101', 'must be a whole number from 0 to 100'],
    ['REMOVAL_LIMIT_PERCENT', '25%', 'must be a whole number from 0 to 100'],
    ['REMOVAL_LIMIT_COUNT', '100001', 'must be a whole number from 0 to 100000'],
    ['REMOVAL_LIMIT_COUNT', '-1', 'must be a whole number from 0 to 100000'],
    ['LOCALPART', 'ann', 'must contain a placeholder: {userName} or {externalId} or {emailLocalpart}'],
    ['LOCALPART', '{userName', 'must contain a placeholder: {userName} or {externalId} or {emailLocalpart}'],
    ['LOCALPART', '{username}', 'has the unknown placeholder {username}: write {userName}'],
    [
      'LOCALPART',
      '{userName}.{department}',
      'has the unknown placeholder {department}: write {userName} or {externalId} or {emailLocalpart}',
    ],
  ])('refuses %s=%j', (name, value, message) => {
    const { problems } = errorOf({ [name]: value });

    // What stands behind the question mark of a URL may be a secret.
    const found = value.replace(/^(http.*[?#]).+$/, '$1…');
    expect(problems).toEqual([{ setting: name, found, message, example: expect.any(String) }]);
  });

  it.each(Object.keys(complete).filter((name) => name !== 'GROUP_MAP_FILE'))(
    'says what %s is when it is not set, or empty',
    (name) => {
      const [problem] = problemsOf({ [name]: undefined });

      expect(problem).toMatch(new RegExp(`^${name} is not set\\. \\S.*\\.$`));
      expect(problemsOf({ [name]: ' ' })).toEqual([problem]);
    },
  );

  it('tells each pattern of PROTECTED_USERS that is none', () => {
    expect(problemsOf({ PROTECTED_USERS: 'a, @*:x.org, @b:x.org' })).toEqual([
      `PROTECTED_USERS ${PATTERN_RULE}; "a" is none`,
      expect.stringMatching(/^PROTECTED_USERS has "@\*:x\.org", which protects everybody/),
    ]);
  });

  it('takes JSON Web Tokens of an issuer, with a slash at the end of it as it is', () => {
    const issuer = 'https://auth.example.com/application/o/usher/';
    const jwt = { issuer, audience: 'usher', scope: undefined, keysUrl: undefined, source: 'default' };
    expect(load({ JWT_ISSUER: issuer, JWT_AUDIENCE: 'usher' }).config.http.jwt).toEqual(jwt);
    const more = { JWT_SCOPE: 'scim', JWT_KEYS_URL: `${issuer}jwks/`, JWT_SOURCE: 'okta' };
    expect(load({ JWT_ISSUER: issuer, JWT_AUDIENCE: 'usher', ...more }).config.http.jwt).toEqual({
      ...{ ...jwt, scope: 'scim', keysUrl: `${issuer}jwks/`, source: 'okta' },
    });
  });

  it.each([
    [
      { JWT_ISSUER: 'https://auth.example.com/' },
      'JWT_AUDIENCE is not set, and JWT_ISSUER is: both are needed',
    ],
    [{ JWT_AUDIENCE: 'usher' }, 'JWT_ISSUER is not set, and JWT_AUDIENCE is: both are needed'],
  ])('wants issuer and audience of JSON Web Tokens together: %j', (given, problem) => {
    expect(problemsOf(given)).toEqual([problem]);
  });

  it('has people sign in at a provider that is wholly described', () => {
    const oidc = {
      ...{ OIDC_ISSUER: 'https://auth.example.com/', OIDC_CLIENT_ID: 'usher', OIDC_CLIENT_SECRET: 'hush' },
      ...{ PUBLIC_URL: 'https://usher.example.com', OIDC_READER_GROUP: 'support' },
    };
    expect(load(oidc).config.http.oidc).toEqual({
      ...{ issuer: 'https://auth.example.com/', clientId: 'usher', clientSecret: 'hush' },
      ...{ name: 'single sign-on', scope: 'openid profile email', groupsClaim: 'groups' },
      ...{ adminGroup: undefined, readerGroup: 'support' },
    });
    const { OIDC_CLIENT_SECRET: _, PUBLIC_URL: __, OIDC_READER_GROUP: ___, ...half } = oidc;
    expect(problemsOf(half)).toEqual([
      'OIDC_CLIENT_SECRET is not set, and OIDC_ISSUER is: both are needed',
      'PUBLIC_URL is not set, and OIDC_ISSUER is: people are sent back there',
      'OIDC_ADMIN_GROUP is not set, and neither is OIDC_READER_GROUP: nobody could sign in',
    ]);
  });

  it('tells all problems at once, each with what was found and an example', () => {
    const error = errorOf({ PORT: 'http', DRY_RUN: 'no', MATRIX_URL: '' });

    expect(error.message).toBe(
      [
        'MATRIX_URL is not set. Where the client and admin API of Synapse answers; without a path.',
        '  example: MATRIX_URL=http://synapse:8008',
        'PORT must be a whole number from 0 to 65535 (found: http)',
        '  example: PORT=5000',
        'DRY_RUN must be true or false (found: no)',
        '  example: DRY_RUN=false',
      ].join('\n'),
    );
  });
});

describe('configuration of the group map', () => {
  it('takes the map itself, and parses it', () => {
    const env = { GROUP_MAP_FILE: undefined, IDP_GROUP_TO_ROOM: '{"*": "%23a:x.org"}' };

    expect(load(env).config.groupMap).toEqual({
      kind: 'inline',
      text: '{"*": "%23a:x.org"}',
      map: {
        rules: [
          {
            group: { kind: 'everybody' },
            targets: [expect.objectContaining({ room: '#a:x.org', mode: 'granted', leave: 'allowed' })],
          },
        ],
      },
    });
  });

  it('says line and column of each problem in the map itself', () => {
    const env = { GROUP_MAP_FILE: undefined, IDP_GROUP_TO_ROOM: '{"": [],\n"g": 1}' };

    expect(problemsOf(env)).toEqual([
      expect.stringMatching(/^IDP_GROUP_TO_ROOM is no group map: line 1, column 2: this key is empty/),
      expect.stringMatching(/^IDP_GROUP_TO_ROOM is no group map: line 2, column 6: 1 is not a room/),
    ]);
  });

  it.each([
    ['neither', {}, ['GROUP_MAP_FILE is not set, and neither is IDP_GROUP_TO_ROOM: set one']],
    [
      'both',
      { GROUP_MAP_FILE: 'a', IDP_GROUP_TO_ROOM: '{}' },
      ['GROUP_MAP_FILE is set, and IDP_GROUP_TO_ROOM is too: keep one'],
    ],
  ])('refuses %s of map and file', (_, env, problems) => {
    expect(problemsOf({ GROUP_MAP_FILE: undefined, ...env })).toEqual(problems);
  });

  it('speaks of settings, never in the errors of the parser', () => {
    expect(() => load({ GROUP_MAP_FILE: undefined, IDP_GROUP_TO_ROOM: '[' })).not.toThrow(GroupMapError);
  });
});

describe('configuration from files', () => {
  it('takes X_FILE for X, without the line break at its end', () => {
    const env = { WEBHOOK_SECRET: undefined, WEBHOOK_SECRET_FILE: '/run/a', PORT_FILE: '/run/b' };

    const { config, notices } = load(env, { '/run/a': `${SECRET}\n`, '/run/b': '8080\n' });

    expect(config.http).toMatchObject({ webhookSecret: SECRET, port: 8080 });
    expect(notices).toEqual([]);
  });

  it.each<[string, Overrides, string]>([
    ['both', { PORT: '1', PORT_FILE: '/run/good' }, 'PORT is given twice, here and by PORT_FILE: keep one'],
    ['a missing file', { PORT_FILE: '/no' }, 'PORT_FILE names a file that cannot be read: ENOENT'],
    ['an empty file', { PORT_FILE: '/run/empty' }, 'PORT_FILE names an empty file'],
    [
      'bad content',
      { PORT_FILE: '/run/bad' },
      'PORT_FILE names a file whose content must be a whole number from 0 to 65535',
    ],
    ['no certificates', { MATRIX_CA_FILE: '/no' }, 'MATRIX_CA_FILE names a file that cannot be read: ENOENT'],
    [
      'other certificates',
      { MATRIX_CA_FILE: '/run/bad' },
      'MATRIX_CA_FILE must name a PEM file with certificates (-----BEGIN CERTIFICATE-----)',
    ],
  ])('refuses %s', (_, env, problem) => {
    expect(problemsOf(env, { '/run/good': '1', '/run/empty': ' \n', '/run/bad': 'x' })).toEqual([problem]);
  });

  it('shows the path as found, and a path as the example', () => {
    expect(errorOf({ PORT_FILE: '/no' }).problems).toMatchObject([
      { found: '/no', example: '/run/secrets/port_file' },
    ]);
  });

  it('reads the certificates to trust', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n';

    const { config } = load({ MATRIX_CA_FILE: '/ca.pem' }, { '/ca.pem': pem });

    expect(config.matrix.certificateAuthority).toBe(pem);
  });
});

describe('secrets', () => {
  const hint = 'make one with: openssl rand -hex 32';

  it.each<[string, Overrides, string]>([
    ['short', { WEBHOOK_SECRET: 'hush' }, `WEBHOOK_SECRET must have at least 16 characters: ${hint}`],
    [
      'of the example',
      { WEBHOOK_SECRET: 'change-me' },
      `WEBHOOK_SECRET is still the placeholder of .env.example: ${hint}`,
    ],
    [
      'of several words',
      { WEBHOOK_SECRET: 'hush hush hush hush' },
      `WEBHOOK_SECRET must not contain blanks or line breaks: ${hint}`,
    ],
    [
      'of the example, for the bot',
      { MATRIX_ADMIN_TOKEN: 'change-me' },
      'MATRIX_ADMIN_TOKEN is still the placeholder of .env.example: write the access token of MATRIX_ADMIN_USER_ID',
    ],
  ])('are refused when %s', (_, env, problem) => {
    expect(problemsOf(env)).toEqual([problem]);
  });

  it('do not keep a Matrix id or an address from being shown', () => {
    const found = (overrides: Overrides) => errorOf(overrides).problems.map((problem) => problem.found);
    expect(found({ MATRIX_ADMIN_USER_ID: '@usher' })).toEqual(['@usher']);
    expect(found({ MATRIX_ADMIN_USER_ID: '@usher:elsewhere.org' })).toEqual(['@usher:elsewhere.org']);
    expect(found({ MATRIX_URL: 'https://synapse.example.com/path' })).toEqual([
      'https://synapse.example.com/path',
    ]);
  });

  it.each<[string, Overrides]>([
    ['that is too short', { WEBHOOK_SECRET: 'hush' }],
    ['with blanks', { MATRIX_ADMIN_TOKEN: 'hush hush' }],
    ['given twice', { WEBHOOK_SECRET: 'hushhushhushhush', WEBHOOK_SECRET_FILE: 'hush' }],
    ['where a path belongs', { WEBHOOK_SECRET: undefined, WEBHOOK_SECRET_FILE: 'hush' }],
    ['in a file', { WEBHOOK_SECRET: undefined, WEBHOOK_SECRET_FILE: '/run/short' }],
    ['in a URL', { MATRIX_URL: 'http://usher:hush@synapse' }],
    ['in a broken URL', { PUBLIC_URL: 'http://usher:hu/sh@hush@synapse' }],
    ['in a URL without slashes', { MATRIX_URL: 'http:usher:hush@synapse' }],
    ['in a URL without a scheme', { MATRIX_URL: 'usher:hush@synapse' }],
    ['in a URL on several lines', { PUBLIC_URL: 'http://usher\n:hush\n@synapse' }],
    ['in the query of a URL', { MATRIX_URL: 'https://synapse/?access_token=hush' }],
    ['that look like tokens', { MATRIX_ADMIN_USER_ID: 'syt_dXNoZXI_hush' }],
    ['that look like what openssl makes', { IDP_NAME: 'x', PORT: `${'0123456789abcdef'.repeat(4)}` }],
  ])('%s are never shown', (_, env) => {
    const error = errorOf(env, { '/run/short': 'hush' });

    const told: readonly ConfigProblem[] = error.problems;
    expect(told).toHaveLength(1);
    expect(error.message + JSON.stringify(told)).not.toMatch(/hush|0123456789abcdef/);
  });
});
