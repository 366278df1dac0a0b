import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it, type TestContext } from 'vitest';
import { parse, type Tags } from 'yaml';
import { SETTINGS } from '../../src/config/settings.ts';
import { complaintsOf, type Environment } from '../support/deployed.ts';
import { runTool, toolFor } from '../support/tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const WHOLE = 'deploy/compose/docker-compose.yml';
const SIMPLE = 'docker-compose.example.yml';
const TRAEFIK = 'deploy/traefik/docker-compose.yml';
const NGINX = 'deploy/nginx/docker-compose.yml';
const MAS = 'deploy/compose/docker-compose.mas.yml';
const ALL = [
  [SIMPLE],
  ...[WHOLE, SIMPLE].flatMap((file) => [
    [file, TRAEFIK],
    [file, NGINX],
  ]),
  [WHOLE],
  [WHOLE, MAS],
  [WHOLE, MAS, NGINX],
];

type Service = {
  readonly environment?: Environment;
  readonly labels?: Readonly<Record<string, string>>;
  readonly networks?: object;
  readonly ports?: readonly unknown[];
  readonly volumes?: readonly { readonly target: string; readonly read_only?: boolean }[];
  readonly read_only?: boolean;
  readonly [key: string]: unknown;
};
type Project = {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: object;
  readonly volumes: object;
};

/** What a person writes into .env: the texts of the example, and something for what is empty there. */
const FILLED_IN: Environment = Object.fromEntries(
  Object.entries(parseEnv(read('deploy/compose/env.example'))).map(([name, value]) => [name, value || 'x']),
);

/** As compose fills in `${X}`, `${X:-default}` and `${X:?what it is}`. */
function filledIn(text: string): string {
  return text.replace(/(?<!\$)\$\{(\w+)(?::(-|\?)([^}]*))?\}/g, (_, name, kind, rest) => {
    const value = FILLED_IN[name] ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`env.example has no ${name}`);
    return value;
  });
}

/** `!reset` takes away what a file before has, and `!override` replaces it. */
const OF_COMPOSE: Tags = [
  { tag: '!reset', resolve: () => null },
  { tag: '!override', collection: 'seq', resolve: (items) => items },
];

const projectIn = (file: string): Project => parse(read(file), { merge: true, customTags: OF_COMPOSE });

/** Several files laid over each other as compose does: read here, where the tool of compose is not at hand. */
function environmentOf(files: readonly string[]): Environment {
  const given = files.flatMap((file) => Object.entries(projectIn(file).services.usher?.environment ?? {}));
  const own = Object.entries(Object.fromEntries(given)).filter(([, value]) => value !== null);
  const filled = read('.env.example').replaceAll('change-me', 'x'.repeat(32));
  const fromFile = (files.includes(SIMPLE) ? parseEnv(filled) : {}) as Environment;
  return { ...fromFile, ...Object.fromEntries(own.map(([name, value]) => [name, filledIn(String(value))])) };
}

async function loaded(context: TestContext, files: readonly string[]): Promise<Project> {
  const [first = ''] = files;
  const args = files.map((file) => join(ROOT, file));
  const { exitCode, stdout, output } = await runTool(
    toolFor(context, 'compose-go'),
    ['-no-interpolation', '-format', 'json', ...args],
    { cwd: dirname(join(ROOT, first)) },
  );
  expect(exitCode, output).toBe(0);
  return JSON.parse(stdout);
}

const namesOf = (files: readonly string[]): string =>
  files.map((file) => file.replace('deploy/', '')).join(' and ');

describe.each(ALL.map((files) => [namesOf(files), files] as const))('compose by %s', (_, files) => {
  it('gives Usher settings that it takes, and no others', () => {
    expect(complaintsOf(environmentOf(files))).toEqual([]);
  });

  it('is a project to compose, in which Usher may write its data only', async (context) => {
    const { services } = await loaded(context, files);
    const { usher } = services;
    expect(usher).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
    });
    const written = (usher?.volumes ?? []).filter((each) => each.read_only !== true);
    expect(written.map(({ target }) => target)).toEqual(['/data']);
    expect(usher?.tmpfs).toEqual(['/tmp']);
    for (const key of ['privileged', 'cap_add', 'pid', 'devices', 'network_mode'])
      expect(usher).not.toHaveProperty(key);
    expect(JSON.stringify(services)).not.toContain('docker.sock');
  });

  it('opens no port to others', async (context) => {
    const { services } = await loaded(context, files);
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).toEqual(
      files.includes(NGINX)
        ? [expect.objectContaining({ host_ip: '127.0.0.1', published: '5000', target: 5000 })]
        : [],
    );
  });
});

describe('the whole of deploy/compose', () => {
  const { services } = parse(read(WHOLE), { merge: true }) as Project;

  it('lets Usher meet Synapse and the worker of Authentik, and the databases only their own', () => {
    const neighbours = (name: string) => services[name]?.networks as readonly string[];
    expect(neighbours('usher')).toEqual(expect.arrayContaining([...neighbours('authentik-worker')]));
    expect(neighbours('usher').some((network) => neighbours('synapse').includes(network))).toBe(true);
    expect(neighbours('synapse-database')).toEqual(['matrix']);
    expect(neighbours('authentik-database')).toEqual(['authentik']);
  });

  it('begins as a dry run, as env.example does', () => {
    expect(FILLED_IN.USHER_DRY_RUN).toBe('true');
    expect(environmentOf([WHOLE]).DRY_RUN).toBe('true');
  });

  it('holds no secret, and env.example neither', () => {
    const given = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
    const secrets = given.filter(([name]) => /PASSWORD|SECRET|TOKEN/.test(name));
    expect(secrets.length).toBeGreaterThan(5);
    for (const [name, value] of secrets) expect(value, name).toMatch(/^(\$\{|\/run\/secrets\/)/);
    expect(read('deploy/compose/env.example')).toMatch(/^AUTHENTIK_SECRET_KEY=$/m);
  });

  it('is built from this checkout', () => {
    expect(existsSync(join(dirname(join(ROOT, WHOLE)), String(services.usher?.build), 'Dockerfile'))).toBe(
      true,
    );
  });
});

describe('the whole of deploy/compose with MAS', () => {
  const { services } = projectIn(MAS);
  const example = parse(read('deploy/compose/mas.example.yaml'));
  const env = environmentOf([WHOLE, MAS]);
  const secrets = (name: string) => (services[name]?.secrets ?? []) as readonly string[];

  it('has Usher known to MAS, with the right to administer it, by a secret that both read', () => {
    const { client_id, client_auth_method, client_secret_file } = example.clients[0];
    expect(example.policy.data.admin_clients).toEqual([env.MAS_CLIENT_ID]);
    expect(client_id).toBe(env.MAS_CLIENT_ID);
    expect(client_auth_method).toBe('client_secret_basic');
    expect(client_secret_file).toBe(env.MAS_CLIENT_SECRET_FILE);
    expect(secrets('usher')).toEqual(['webhook-secret', 'mas-client-secret']);
    expect(env).not.toHaveProperty('MATRIX_ADMIN_TOKEN_FILE');
  });

  it('is read by compose as it is here', async (context) => {
    const { usher } = (await loaded(context, [WHOLE, MAS])).services;
    const names = Object.values(usher?.environment ?? {}).map((each) => each.split('=')[0]);
    expect(names.toSorted()).toEqual(Object.keys(env).toSorted());
    const given = (usher?.secrets ?? []) as readonly { readonly source: string }[];
    expect(given.map(({ source }) => source)).toEqual(secrets('usher'));
  });

  it('has the provider of Usher in MAS, which is told who somebody is as Usher is', () => {
    const [provider] = example.upstream_oauth2.providers;
    expect(provider.id).toBe(env.MAS_UPSTREAM_PROVIDER_ID);
    expect(provider.claims_imports.subject.template).toBe('{{ user.sub }}');
    expect(provider.claims_imports.localpart.on_conflict).toBe('fail');
  });

  it('gives out the admin API and its tokens where Usher looks, and not where people are', () => {
    type Named = { readonly name: string };
    const { port, hostname } = new URL(env.MAS_URL ?? '');
    expect(services).toHaveProperty(hostname);
    const listeners: readonly (Named & {
      readonly resources: readonly Named[];
      readonly binds: readonly { readonly address: string }[];
    })[] = example.http.listeners;
    const namesOn = (end: string) =>
      listeners
        .filter(({ binds }) => binds.some(({ address }) => address.endsWith(`:${end}`)))
        .flatMap(({ resources }) => resources.map(({ name }) => name));
    expect(namesOn(port)).toEqual(['adminapi', 'oauth', 'health']);
    expect(namesOn('8080')).not.toContain('adminapi');
  });

  it('holds no secret, and reads only those that it is given', () => {
    const text = JSON.stringify(example);
    const paths = [...text.matchAll(/"(\w*(?:_file|secret|password|encryption|key))":"([^"]+)"/g)];
    expect(paths.length).toBeGreaterThan(5);
    for (const [, name = '', path = ''] of paths) {
      expect(name, path).toMatch(/_file$/);
      expect(secrets('mas')).toContain(path.replace('/run/secrets/', ''));
    }
  });

  it('lets people change nothing that the provider says of them', () => {
    expect(example.account).toEqual({
      account_deactivation_allowed: false,
      displayname_change_allowed: false,
      email_change_allowed: false,
    });
    expect(example.passwords.enabled).toBe(false);
  });
});

describe('the labels for Traefik', () => {
  const labels = (parse(read(TRAEFIK)) as Project).services.usher?.labels ?? {};
  const base = SETTINGS.BASE_PATH.default;
  const told = (name: string) =>
    Object.entries(labels).filter(
      ([label]) => label.startsWith('traefik.http.routers.') && label.endsWith(name),
    );

  it('forward SCIM and what is for admins of that host, to the port of Usher', () => {
    const { PUBLIC_URL = '' } = environmentOf([WHOLE, TRAEFIK]);
    const { host } = new URL(PUBLIC_URL);
    expect(told('.rule')).toEqual([
      ['traefik.http.routers.usher.rule', `Host(\`${host}\`) && PathPrefix(\`${base}/\`)`],
      [
        'traefik.http.routers.usher-admins.rule',
        `Host(\`${host}\`) && PathRegexp(\`^/(console|api)(/|$$)\`)`,
      ],
    ]);
    expect(labels['traefik.http.services.usher.loadbalancer.server.port']).toBe(SETTINGS.PORT.default);
  });

  it('forward by TLS only, and rewrite nothing', () => {
    expect(told('.tls').map(([, value]) => value)).toEqual(['true', 'true']);
    expect(told('.entrypoints').map(([, value]) => value)).toEqual(['websecure', 'websecure']);
    expect(JSON.stringify(labels)).not.toMatch(/stripprefix|replacepath/i);
  });

  it('name for a path below another host what Usher and Traefik both need', () => {
    const text = read(TRAEFIK);
    const [, PUBLIC_URL = ''] = /# PUBLIC_URL: (https:\/\/example\.com\/\w+)/.exec(text) ?? [];
    const { host, pathname } = new URL(PUBLIC_URL);
    expect(text).toContain(
      `# traefik.http.routers.usher.rule: Host(\`${host}\`) && PathPrefix(\`${pathname}${base}/\`)`,
    );
    expect(complaintsOf({ ...environmentOf([WHOLE]), PUBLIC_URL })).toEqual([]);
  });
});

describe('what is no setting of Usher', () => {
  it('is found', () => {
    const env = environmentOf([WHOLE]);
    expect(complaintsOf({ ...env, DRY_RUM: 'true', PORT: 'http' })).toEqual([
      'DRY_RUM',
      'PORT must be a whole number from 0 to 65535',
    ]);
    expect(() => filledIn(read(WHOLE).replaceAll('SERVER_NAME', 'NO_SUCH'))).toThrow('NO_SUCH');
  });
});
