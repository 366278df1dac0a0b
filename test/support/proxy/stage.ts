import { onTestFinished, type TestContext } from 'vitest';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import { openStoreBeside } from '../../../src/store/sqlite/open-store.ts';
import { startSimulated } from '../homeserver/simulated.ts';
import { type Env, startUsher } from '../usher.ts';
import type { ProxyClient } from './client.ts';

/** A proxy as deploy/ has it, and where people reach Usher by it. */
export type Deployed = {
  /** Without a slash at its end; the console is at `/console` below it. */
  readonly publicUrl: string;
  readonly start: (context: TestContext, options: StartOptions) => Promise<ProxyClient>;
};

export type StartOptions = {
  /** The port of the service that it is before. */
  readonly service: number;
  /** The network that what is for admins is limited to, as the comments of the example say how. */
  readonly admins?: string | undefined;
};

type TokenWish = {
  readonly name: string;
  readonly scope: 'scim' | 'admin';
  readonly networks?: readonly string[];
};

/** A room whose alias has what addresses have to encode. */
export const ODD_ROOM = '#a/b?c:usher.test';

/** The real Usher behind a real proxy, both on this machine, with a room that everybody is in. */
export async function startBehind(
  context: TestContext,
  { publicUrl, start }: Deployed,
  { env = {}, admins }: { readonly env?: Env; readonly admins?: string } = {},
) {
  const simulated = await startSimulated();
  onTestFinished(() => simulated.close());
  const owner = await simulated.person('mod');
  await owner.createRoom({ name: 'odd', alias: ODD_ROOM.slice(1).replace(':usher.test', '') });
  const settings = { PUBLIC_URL: publicUrl, TRUSTED_PROXIES: '127.0.0.1', ...env };
  const usher = await startUsher(simulated, { '*': ODD_ROOM }, { env: settings });
  const client = await start(context, { service: Number(new URL(usher.url).port), admins });
  const issue = async ({ name, scope, networks = [] }: TokenWish): Promise<string> => {
    const store = openStoreBeside(usher.dataDir);
    try {
      const desk = createTokenDesk({ store, who: 'test', now: Date.now });
      const request = { name, scopes: [scope], source: 'default', networks, expires: undefined };
      return (await desk.create(request)).secret;
    } finally {
      await store.close();
    }
  };
  return { ...client, usher, issue, prefix: new URL(publicUrl).pathname.replace(/\/$/, '') };
}

type Behind = Awaited<ReturnType<typeof startBehind>>;

/** Signs in to the console by a token: the headers that its pages send from then on. */
export async function signInBehind({ ask, issue, prefix }: Behind) {
  const token = await issue({ name: 'boss', scope: 'admin' });
  const answer = await ask('POST', `${prefix}/api/v1/session`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  return {
    status: answer.status,
    /** As it is set. */
    cookie,
    reading: { cookie: cookie.split(';')[0] ?? '' },
    csrf: { 'x-csrf-token': String(JSON.parse(answer.body).csrf) },
  };
}
