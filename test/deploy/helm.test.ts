import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { SETTINGS } from '../../src/config/settings.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { complaintsOf } from '../support/deployed.ts';
import { runTool, toolFor } from '../support/tools.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/helm');
const CHART = join(FOLDER, 'usher');
const EXAMPLE = join(FOLDER, 'values.example.yaml');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Given by the chart itself: secrets are files, and places are those of the container. */
const OF_THE_CHART = [
  'WEBHOOK_SECRET',
  'MATRIX_ADMIN_TOKEN',
  'MAS_CLIENT_SECRET',
  'MAS_CLIENT_KEY_FILE',
  'OIDC_CLIENT_SECRET',
  'REPORT_WEBHOOK_SECRET',
  'EVENTS_SECRET',
  'GROUP_MAP_FILE',
  'IDP_GROUP_TO_ROOM',
  'DATA_DIR',
  'PORT',
];

type Container = {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly?: boolean }[];
};
type Resource = {
  readonly kind: string;
  readonly metadata: object;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Container[] } } };
};

async function helm(context: TestContext, verb: string, args: readonly string[] = []) {
  return runTool(toolFor(context, 'helm'), [verb, ...args], { cwd: FOLDER });
}

/** What the chart makes of the example, with some values set otherwise. */
async function rendered(context: TestContext, ...set: readonly string[]): Promise<readonly Resource[]> {
  const sets = set.flatMap((each) => ['--set', each]);
  const args = [
    'usher',
    CHART,
    '--namespace',
    'matrix',
    '--kube-version',
    '1.31.0',
    '--values',
    EXAMPLE,
    ...sets,
  ];
  const { exitCode, stdout, output } = await helm(context, 'template', args);
  expect(exitCode, output).toBe(0);
  const all: readonly (Resource | null)[] = parseAllDocuments(stdout, { version: '1.1' }).map((each) =>
    each.toJS(),
  );
  return all.filter((each) => each !== null);
}

const find = (resources: readonly Resource[], kind: string) => resources.find((each) => each.kind === kind);

function environmentIn(resources: readonly Resource[]): Readonly<Record<string, string>> {
  const [container] = find(resources, 'Deployment')?.spec.template.spec.containers ?? [];
  return Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
}

describe('the chart', { timeout: 60_000 }, () => {
  it('is one to helm, with the values of the example', async (context) => {
    const { exitCode, output } = await helm(context, 'lint', [CHART, '--strict', '--values', EXAMPLE]);
    expect(output).toContain('1 chart(s) linted, 0 chart(s) failed');
    expect(exitCode).toBe(0);
  });

  it('is of the version of Usher', () => {
    expect(parse(read('usher/Chart.yaml'))).toMatchObject({ appVersion: packageJson.version });
  });

  it('takes each setting that is not its own, and no other', () => {
    const { settings } = JSON.parse(read('usher/values.schema.json')).properties;
    const names = Object.keys(SETTINGS).filter((name) => !OF_THE_CHART.includes(name));
    expect(Object.keys(settings.properties).toSorted()).toEqual(names.toSorted());
    expect(settings.additionalProperties).toBe(false);
  });

  it('has the secret of MAS in place of a token of the bot', async (context) => {
    const mas = ['settings.MAS_CLIENT_ID=01J44RKQYM4G3TNVANTMTDYTX6', 'settings.IDP_NAME='];
    const environment = environmentIn(await rendered(context, ...mas));
    expect(environment.MAS_CLIENT_SECRET_FILE).toBe('/run/secrets/usher/MAS_CLIENT_SECRET');
    expect(environment).not.toHaveProperty('MATRIX_ADMIN_TOKEN_FILE');
  });

  it('takes variables of OpenTelemetry beside them', async (context) => {
    const resources = await rendered(context, 'settings.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318');
    expect(environmentIn(resources)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    });
  });

  it.for([
    ['settings.DRY_RUM=true', 'DRY_RUM'],
    ['secret=', '/secret'],
    ['settings.MATRIX_URL=', 'MATRIX_URL'],
    ['settings.IDP_NAME=', 'IDP_NAME'],
    ['image.repository=', 'repository'],
    ['ingress.tlsSecret=', 'tokens travel by TLS only'],
  ])('refuses %s, and says why', async ([set = '', reason = ''], context) => {
    const args = ['usher', CHART, '--kube-version', '1.31.0', '--values', EXAMPLE, '--set', set];
    const { exitCode, output } = await helm(context, 'template', args);
    expect(exitCode).toBe(1);
    expect(output).toContain(reason);
  });
});

describe('what the chart makes', { timeout: 60_000 }, () => {
  it('gives Usher settings that it takes, and no secret', async (context) => {
    const env = environmentIn(await rendered(context, 'settings.RESYNC_INTERVAL=15m'));
    expect(complaintsOf(env)).toEqual([]);
    expect(env).toMatchObject({ RESYNC_INTERVAL: '15m', DRY_RUN: 'true', DATA_DIR: '/data' });
    expect(
      Object.keys(env)
        .filter((name) => /SECRET|TOKEN/.test(name))
        .every((name) => name.endsWith('_FILE')),
    ).toBe(true);
  });

  it('is one process, of which the old ends before the new begins', async (context) => {
    expect(find(await rendered(context), 'Deployment')?.spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
    });
  });

  it('may write its data and nothing else, without any right', async (context) => {
    const pod = find(await rendered(context), 'Deployment')?.spec.template.spec;
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          livenessProbe: { httpGet: { path: '/healthz' } },
          readinessProbe: { httpGet: { path: '/readyz' } },
        },
      ],
      volumes: expect.arrayContaining([
        { name: 'secret', secret: { secretName: 'usher', defaultMode: 0o440 } },
      ]),
    });
    const mounts = pod?.containers.flatMap(({ volumeMounts }) => volumeMounts) ?? [];
    expect(mounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)).toEqual([
      '/data',
      '/tmp',
    ]);
  });

  it('finds the secrets and the map where they are mounted', async (context) => {
    const resources = await rendered(context);
    const env = environmentIn(resources);
    const mounts = find(resources, 'Deployment')?.spec.template.spec.containers[0]?.volumeMounts ?? [];
    const paths = [env.WEBHOOK_SECRET_FILE, env.MATRIX_ADMIN_TOKEN_FILE, env.GROUP_MAP_FILE];
    for (const path of paths)
      expect(mounts.filter(({ mountPath }) => path?.startsWith(`${mountPath}/`))).toHaveLength(1);
    const map = find(resources, 'ConfigMap')?.data?.['group-map.jsonc'] ?? '';
    expect(parseGroupMap(map).rules).toHaveLength(2);
  });

  it('keeps the database when it is uninstalled', async (context) => {
    const resources = await rendered(context);
    expect(find(resources, 'PersistentVolumeClaim')?.metadata).toMatchObject({
      annotations: { 'helm.sh/resource-policy': 'keep' },
    });
    expect(
      find(await rendered(context, 'persistence.existingClaim=mine'), 'PersistentVolumeClaim'),
    ).toBeUndefined();
  });

  /** What each Ingress forwards, with the name that it has. */
  const forwarded = async (context: TestContext, ...set: readonly string[]) =>
    (await rendered(context, ...set))
      .filter(({ kind }) => kind === 'Ingress')
      .map(({ metadata, spec }) => ({ name: (metadata as { readonly name: string }).name, ...spec }));

  it('lets in by TLS what is below the path of SCIM, whatever that is', async (context) => {
    for (const [set, path] of [
      [`settings.BASE_PATH=${SETTINGS.BASE_PATH.default}`, '/scim/v2'],
      ['settings.BASE_PATH=/usher/scim/', '/usher/scim'],
      ['settings.PUBLIC_URL=https://usher.example.com/usher/', '/usher/scim/v2'],
      ['settings.PUBLIC_URL=', '/scim/v2'],
    ] as const) {
      const [scim] = await forwarded(context, set);
      expect(scim).toMatchObject({
        name: 'usher',
        tls: [{ hosts: ['usher.example.com'], secretName: 'usher-tls' }],
        rules: [{ host: 'usher.example.com', http: { paths: [{ path, pathType: 'Prefix' }] } }],
      });
    }
    expect(await forwarded(context, 'ingress.enabled=false')).toEqual([]);
  });

  it('lets admins in to the console and the API, unless it is told not to', async (context) => {
    for (const [set, paths] of [
      ['ingress.className=nginx', ['/console', '/api']],
      ['settings.PUBLIC_URL=https://usher.example.com/usher', ['/usher/console', '/usher/api']],
    ] as const) {
      const [, admins] = await forwarded(context, set);
      expect(admins).toMatchObject({
        name: 'usher-admins',
        tls: [{ hosts: ['usher.example.com'], secretName: 'usher-tls' }],
        rules: [{ http: { paths: paths.map((path) => ({ path, pathType: 'Prefix' })) } }],
      });
    }
    expect(await forwarded(context, 'ingress.admins.enabled=false')).toHaveLength(1);
    const [scim, admins] = (await rendered(context)).filter(({ kind }) => kind === 'Ingress');
    expect(JSON.stringify(admins?.metadata)).toContain('whitelist-source-range');
    expect(JSON.stringify(scim?.metadata)).not.toContain('whitelist-source-range');
  });

  it('lets in only the namespace, unless others are named', async (context) => {
    const [named, unnamed] = [await rendered(context), await rendered(context, 'networkPolicy.from=null')];
    const only = { podSelector: {} };
    expect(find(unnamed, 'NetworkPolicy')?.spec).toMatchObject({ ingress: [{ from: [only] }] });
    expect(JSON.stringify(find(named, 'NetworkPolicy')?.spec)).toContain('ingress-nginx');
    expect(JSON.stringify(find(named, 'NetworkPolicy')?.spec)).not.toContain(JSON.stringify(only));
  });

  it('is scraped as the job that the alerts ask for', async (context) => {
    const monitor = JSON.stringify(find(await rendered(context), 'ServiceMonitor')?.spec);
    expect(monitor).toContain('{"targetLabel":"job","replacement":"usher"}');
    expect(readFileSync(join(FOLDER, '../prometheus/usher.rules.yml'), 'utf8')).toContain('job="usher"');
  });
});
