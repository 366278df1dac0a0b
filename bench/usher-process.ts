import { startUsherProcess, type UsherProcess } from '../test/support/usher-process.ts';

export const SECRET = 'a-secret-of-the-benchmark';

/** Usher as a process of its own; its homeserver does not answer, as in an outage. `url` is that of SCIM. */
export async function startUsher(dataDir: string): Promise<UsherProcess> {
  const usher = await startUsherProcess({
    WEBHOOK_SECRET: SECRET,
    MATRIX_URL: 'http://127.0.0.1:9',
    MATRIX_SERVER_NAME: 'example.com',
    MATRIX_ADMIN_USER_ID: '@usher:example.com',
    MATRIX_ADMIN_TOKEN: 'syt_none',
    IDP_NAME: 'oidc-idp',
    IDP_GROUP_TO_ROOM: '{}',
    DATA_DIR: dataDir,
    MAX_BODY_SIZE: '32MiB',
  });
  return { ...usher, url: `${usher.url}/scim/v2` };
}
