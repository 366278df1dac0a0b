import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { environmentNotices } from '../../src/config/notices.ts';

const notSetting = (name: string, closest: string): string =>
  `${name} is not a setting of Usher and is ignored. The nearest is ${closest}.`;

describe('notices', () => {
  it.each([
    ['MATRIX_ADMINTOKEN', 'MATRIX_ADMIN_TOKEN'],
    ['MATRIX_HOMESERVER_URL', 'MATRIX_URL'],
    ['MATRIX_USER', 'MATRIX_ADMIN_USER_ID'],
    ['WEBHOOK_SECRETS', 'WEBHOOK_SECRET'],
    ['WEBHOOK_SECRET_FIEL', 'WEBHOOK_SECRET_FILE'],
    ['GROUP_MAP', 'GROUP_MAP_FILE'],
    ['IDP_ID', 'IDP_NAME'],
    ['RESYNC_PERIOD', 'RESYNC_INTERVAL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['log_level', 'LOG_LEVEL'],
    ['DRYRUN', 'DRY_RUN'],
    ['ON_DELETED', 'ON_DELETE'],
    ['PROTECTED_ACCOUNTS', 'PROTECTED_USERS'],
    ['REMOVAL_LIMIT_PERCENTAGE', 'REMOVAL_LIMIT_PERCENT'],
    ['REMOVAL_COUNT', 'REMOVAL_LIMIT_COUNT'],
    ['HOSTS', 'HOST'],
  ])('name the setting nearest to %s', (name, closest) => {
    expect(environmentNotices([name])).toEqual([notSetting(name, closest)]);
  });

  it.each([
    [
      'the shell',
      ['PATH', 'HOME', 'PWD', 'OLDPWD', 'SHELL', 'SHLVL', 'USER', 'LOGNAME', 'TERM', 'LANG', '_'],
    ],
    ['the system', ['HOSTNAME', 'TZ', 'MAIL', 'TMPDIR', 'EDITOR', 'DISPLAY', 'SSH_TTY', 'XDG_DATA_DIRS']],
    [
      'Node and npm',
      ['NODE_ENV', 'NODE_OPTIONS', 'NODE_VERSION', 'YARN_VERSION', 'npm_config_cache', 'INIT_CWD'],
    ],
    [
      'other tools',
      ['DEBUG', 'CI', 'NO_COLOR', 'HTTP_PROXY', 'no_proxy', 'DOCKER_HOST', 'POSTGRES_HOST', 'PGDATA'],
    ],
    [
      'a Kubernetes service called matrix',
      [
        'MATRIX_SERVICE_HOST',
        'MATRIX_SERVICE_PORT',
        'MATRIX_SERVICE_PORT_HTTP',
        'MATRIX_PORT',
        'MATRIX_PORT_8008_TCP',
        'MATRIX_PORT_8008_TCP_ADDR',
      ],
    ],
  ])('are silent about variables of %s', (_, names) => {
    expect(environmentNotices(names)).toEqual([]);
  });

  it('are silent about settings and their files', () => {
    expect(environmentNotices(['PORT', 'PORT_FILE', 'GROUP_MAP_FILE', 'MATRIX_ADMIN_TOKEN_FILE'])).toEqual(
      [],
    );
  });

  it('say which settings of the predecessor can be removed', () => {
    expect(environmentNotices(['AUTHENTIK_TOKEN', 'AUTHENTIK_API_URL'])).toEqual([
      'AUTHENTIK_API_URL is ignored: Usher never asks the identity provider. Remove it.',
      'AUTHENTIK_TOKEN is ignored: Usher never asks the identity provider. Remove it.',
    ]);
  });

  it('come with a valid configuration, and without any value', () => {
    const { notices } = loadConfig({
      env: {
        WEBHOOK_SECRET: '0123456789abcdef',
        MATRIX_URL: 'https://synapse',
        MATRIX_SERVER_NAME: 'x.org',
        MATRIX_ADMIN_USER_ID: '@usher:x.org',
        MATRIX_ADMIN_TOKEN: 'syt_token',
        MATRIX_TLS_VERIFY: 'false',
        IDP_NAME: 'authentik',
        GROUP_MAP_FILE: 'map',
        MATRIX_TOKEN: 'syt_other',
        WEBHOOK_URL: '',
      },
      readFile: () => '',
    });

    expect(notices).toEqual([
      'MATRIX_TLS_VERIFY is false: whoever is on the way to the homeserver can take the token.',
      'IDP_NAME is authentik: Synapse stores oidc-authentik for an OIDC provider with idp_id authentik.',
      notSetting('MATRIX_TOKEN', 'MATRIX_ADMIN_TOKEN'),
    ]);
  });
});
