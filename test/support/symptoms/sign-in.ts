import { readFileSync } from 'node:fs';
import Koa from 'koa';
import { onTestFinished } from 'vitest';
import { createConsoleRouter } from '../../../src/http/console.ts';
import type { OidcSettings } from '../../../src/http/sign-in/oidc.ts';
import { issueToken } from '../api/client.ts';
import { startOidcProvider } from '../oidc-provider.ts';
import { TOKEN } from '../scim/client.ts';
import { startScimServer } from '../scim/server.ts';
import { tempDir } from '../temp-dir.ts';
import { keepLog } from './logged.ts';

/** What is said of the console to those who can't sign in. */
export async function saySignIn(): Promise<readonly string[]> {
  return [...(await sayByToken()), ...(await sayByProvider()), await sayUnbuilt(), pageOfSignIn()];
}

async function start(oidc?: OidcSettings) {
  const { log, logged } = keepLog();
  const server = await startScimServer({ now: Date.now, oidc, log });
  onTestFinished(() => server.stop());
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.origin}${path}`, { redirect: 'manual', ...init });
  return { ...server, ask, logged };
}

async function sayByToken(): Promise<readonly string[]> {
  const { ask, store } = await start();
  const closed = await (await ask('/console')).text();
  const headers = { 'content-type': 'application/json' };
  const signIn = (token: string) =>
    ask('/api/v1/session', { method: 'POST', headers, body: JSON.stringify({ token }) });
  const opened = await signIn(await issueToken(store));
  const cookie = String(opened.headers.getSetCookie()[0]?.split(';')[0]);
  const forged = await ask('/api/v1/tokens', { method: 'POST', headers: { ...headers, cookie }, body: '{}' });
  return [closed, ...(await Promise.all([signIn('wrong'), signIn(TOKEN), forged].map(textOf)))];
}

async function textOf(response: Response | Promise<Response>): Promise<string> {
  return (await response).text();
}

async function sayByProvider(): Promise<readonly string[]> {
  const { issuer } = await startOidcProvider();
  const settings = {
    ...{ issuer, clientId: 'usher', clientSecret: 'wrong', name: 'Authentik', scope: 'openid' },
    ...{ groupsClaim: 'groups', adminGroup: 'admins', readerGroup: undefined },
    redirectUri: 'http://usher.example.com/console/oidc/callback',
  };
  const logs: string[] = [];
  const absent = await start({ ...settings, issuer: 'http://127.0.0.1:1' });
  await absent.ask('/console/oidc/start');
  logs.push(absent.logged());
  const { ask, logged } = await start(settings);
  await ask('/console/oidc/callback?code=x');
  const begun = await ask('/console/oidc/start');
  const sent = await fetch(String(begun.headers.get('location')), { redirect: 'manual' });
  const back = new URL(String(sent.headers.get('location')));
  const cookie = begun.headers.getSetCookie().join('; ');
  await ask(`${back.pathname}${back.search}`, { headers: { cookie } });
  return [...logs, logged()];
}

/** `npm run build` was not run. */
async function sayUnbuilt(): Promise<string> {
  const app = new Koa();
  app.use(
    createConsoleRouter({
      isOpen: async () => true,
      consoleUrl: '/console',
      folder: tempDir(),
    }).routes() as never,
  );
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port');
  return (await fetch(`http://127.0.0.1:${address.port}/console`)).text();
}

/** The page itself is tried by test/console, in a browser. */
function pageOfSignIn(): string {
  return readFileSync(new URL('../../../src/console/pages/sign-in.tsx', import.meta.url), 'utf8');
}
