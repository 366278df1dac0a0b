import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { startStage } from '../support/console/stage.ts';
import { startOidcProvider } from '../support/oidc-provider.ts';

async function freePort(): Promise<number> {
  const server = createSocketServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startWithProvider(claims: Readonly<Record<string, unknown>>) {
  const { issuer } = await startOidcProvider({ claims });
  const port = await freePort();
  return startStage({
    isWell: true,
    env: {
      ...{ PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` },
      ...{ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: 'usher', OIDC_CLIENT_SECRET: 'hush', OIDC_NAME: 'Authentik' },
      ...{ OIDC_ADMIN_GROUP: 'admins', OIDC_READER_GROUP: 'support' },
    },
  });
}

/** A proxy that cuts off what stands before the paths of Usher, at the path that PUBLIC_URL has. */
async function startProxy(target: () => string, prefix: string): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '';
    if (!path.startsWith(prefix)) return outgoing.writeHead(404).end();
    const { method, headers } = incoming;
    const forwarded = request(`${target()}${path.slice(prefix.length)}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    return incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe('a session', () => {
  it('is opened by the identity provider for who is in a group of admins', async () => {
    const { usher } = await startWithProvider({ groups: ['admins'], preferred_username: 'ann' });
    const page = await openBrowser(usher.url);
    await page.goto('/console');
    await page.getByRole('button', { name: 'Sign in with Authentik' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('banner').getByText('ann', { exact: true }).waitFor();
  });

  it('is not opened for who is in none, and the page says why', async () => {
    const { usher } = await startWithProvider({ groups: ['others'] });
    const page = await openBrowser(usher.url);
    await page.goto('/console');
    await page.getByRole('button', { name: 'Sign in with Authentik' }).click();
    await page.getByRole('alert').filter({ hasText: 'You are in none of the groups' }).waitFor();
  });

  it('that was opened anew in another tab is gone on with in this one', async () => {
    const stage = await startStage({ isWell: true });
    const page = await openPage(stage, '/tokens', 'Tokens');
    const other = await page.context().newPage();
    await other.goto('/console');
    await other.getByRole('button', { name: 'Sign out' }).click();
    await signIn(other, await stage.issue('ann', 'admin'));
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('okta');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByRole('dialog', { name: 'The secret of okta' }).waitFor();
  });

  it('that ended while one looks at the journal is asked for', async () => {
    const stage = await startStage({ isWell: true });
    const page = await openPage(stage, '/journal', 'Journal');
    await page.getByText('live', { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.getByLabel('Action').selectOption('join');
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
    await page.getByRole('button', { name: 'Leave it, and sign out' }).click();
    await page.getByRole('heading', { level: 1, name: 'Usher' }).waitFor();
  });

  it('is had behind a proxy that cuts a path off', async () => {
    let target = '';
    const proxy = await startProxy(() => target, '/behind');
    const stage = await startStage({ isWell: true, env: { PUBLIC_URL: `${proxy}/behind` } });
    target = stage.usher.url;
    const page = await openBrowser(proxy);
    await signIn(page, await stage.issue('ann', 'admin'), '/behind/console/people');
    await page.getByRole('link', { name: 'Ann Ant' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ann Ant' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/behind\/console\/people\/[\w-]+$/);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Ann Ant' }).waitFor();
  });
});
