import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

export type SynapseConfig = {
  readonly path: string;
  readonly registrationSecret: string;
  readonly appserviceToken: string;
};

const secret = (): string => randomBytes(24).toString('base64url');

/**
 * Writes all that Synapse needs into a directory: SQLite, loopback, no federation, no logs below warnings, and
 * migrations of a new database without pauses. Rate limits are the defaults, save that of logins. JSON is YAML too.
 */
export async function writeSynapseConfig(
  directory: string,
  serverName: string,
  port: number,
  hasServerNotices: boolean,
): Promise<SynapseConfig> {
  const registrationSecret = secret();
  const appserviceToken = secret();
  const write = (name: string, content: object | string) =>
    writeFile(`${directory}/${name}`, typeof content === 'string' ? content : JSON.stringify(content));
  const unlimited = { per_second: 1000, burst_count: 1000 };

  await write('homeserver.yaml', {
    server_name: serverName,
    pid_file: `${directory}/homeserver.pid`,
    listeners: [
      {
        port,
        bind_addresses: ['127.0.0.1'],
        type: 'http',
        tls: false,
        resources: [{ names: ['client'], compress: false }],
      },
    ],
    database: { name: 'sqlite3', args: { database: `${directory}/homeserver.db` } },
    media_store_path: `${directory}/media`,
    signing_key_path: `${directory}/signing.key`,
    log_config: `${directory}/log.yaml`,
    federation_domain_whitelist: [],
    trusted_key_servers: [],
    background_updates: { sleep_enabled: false },
    report_stats: false,
    registration_shared_secret: registrationSecret,
    macaroon_secret_key: secret(),
    form_secret: secret(),
    app_service_config_files: [`${directory}/appservice.yaml`],
    bcrypt_rounds: 4,
    ...(hasServerNotices && { server_notices: { system_mxid_localpart: 'notices' } }),
    rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
  });
  await write('appservice.yaml', {
    id: 'bridge',
    url: null,
    as_token: appserviceToken,
    hs_token: secret(),
    sender_localpart: 'bridge',
    namespaces: { users: [{ exclusive: true, regex: '@_?bridge.*' }], aliases: [], rooms: [] },
  });
  await write('log.yaml', {
    version: 1,
    handlers: { console: { class: 'logging.StreamHandler' } },
    root: { level: 'WARNING', handlers: ['console'] },
    disable_existing_loggers: false,
  });
  await write('signing.key', `ed25519 a_test ${randomBytes(32).toString('base64').replace(/=+$/, '')}\n`);
  return { path: `${directory}/homeserver.yaml`, registrationSecret, appserviceToken };
}
