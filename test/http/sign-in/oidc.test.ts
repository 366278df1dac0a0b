import { afterEach, describe, expect, it } from 'vitest';
import type { OidcSettings } from '../../../src/http/sign-in/oidc.ts';
import { startOidcProvider } from '../../support/oidc-provider.ts';
import { type ScimServer, startScimServer } from '../../support/scim/server.ts';

const PUBLIC = 'http://usher.example.com/behind';

let server: ScimServer;
afterEach(() => server.stop());

async function start(more: Partial<OidcSettings> = {}, told: Parameters<typeof startOidcProvider>[0] = {}) {
  const provider = await startOidcProvider(told);
  const { issuer } = provider;
  server = await startScimServer({
    ...{ now: Date.now, publicUrl: PUBLIC },
    oidc: {
      ...{ issuer, clientId: 'usher', clientSecret: 'hush', name: 'Authentik', scope: 'openid' },
      ...{ groupsClaim: 'groups', adminGroup: 'admins', readerGroup: 'support' },
      ...{ redirectUri: `${PUBLIC}/console/oidc/callback`, ...more },
    },
  });
  return provider;
}

const ask = (path: string, cookie = '') =>
  fetch(`${server.origin}${path}`, { headers: { cookie }, redirect: 'manual' });
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
/** The path here that the browser is sent back to: what stands before it is cut off by the proxy. */
const pathOf = (location: string | null): string => String(location).replace(PUBLIC, '');

/** A browser that signs in; `twist` may change what she comes back with. */
async function signIn(twist: (back: string, cookie: string) => [string, string] = (...same) => same) {
  const begun = await ask('/console/oidc/start');
  const sent = await fetch(String(begun.headers.get('location')), { redirect: 'manual' });
  const [back, cookie] = twist(pathOf(sent.headers.get('location')), cookiesOf(begun));
  const ended = await ask(back, cookie);
  const session = await ask('/api/v1/session', cookiesOf(ended));
  return { begun, location: ended.headers.get('location'), status: session.status, session, ended };
}

describe('signing in by OpenID Connect', () => {
  it.each([
    [['admins'], ['admin']],
    [['support'], ['admin:read']],
    [['support', 'admins', 'others'], ['admin']],
    ['admins', ['admin']],
  ])('lets in who is in the groups %j, for %j', async (groups, scopes) => {
    await start({}, { claims: { groups, preferred_username: 'ann' } });
    const { location, session, ended, begun } = await signIn();
    expect(location).toBe('/behind/console');
    expect(await session.json()).toMatchObject({ name: 'ann', scopes });
    expect(ended.headers.getSetCookie().join()).toMatch(
      /usher=[\w-]{43}; path=\/; .*samesite=strict; httponly/,
    );
    expect(begun.headers.getSetCookie().join()).toMatch(/usher-attempt=.*samesite=lax; httponly/);
  });

  it('finds the groups in userinfo, and under another name', async () => {
    await start({ groupsClaim: 'roles' }, { userInfo: { roles: ['admins'] } });
    expect(await (await signIn()).session.json()).toMatchObject({ name: 'ann', scopes: ['admin'] });
  });

  it.each([
    [{}],
    [{ groups: [] }],
    [{ groups: ['Admins', 'others'] }],
    [{ groups: 7 }],
    [{ groups: 'x admins' }],
  ])('lets nobody in of whom it is said %j', async (claims) => {
    await start({}, { claims });
    const { location, status } = await signIn();
    expect([location, status]).toEqual(['/behind/console?problem=no-group', 401]);
    expect(server.logged()).toContain('ann is in none of the groups');
  });

  it('says so when she or the provider broke it off', async () => {
    const { state } = await start({}, { claims: { groups: ['admins'] } });
    state.refuses = 'access_denied';
    expect((await signIn()).location).toBe('/behind/console?problem=cancelled');
  });

  it.each<[string, (back: string, cookie: string) => [string, string]]>([
    ['another state', (back, cookie) => [back.replace(/state=[^&]+/, 'state=x'), cookie]],
    ['no state', (back, cookie) => [back.replace(/state=[^&]+&?/, ''), cookie]],
    ['another code', (back, cookie) => [back.replace(/code=[^&]+/, 'code=x'), cookie]],
    ['nothing that her browser remembers', (back) => [back, '']],
    ['something that her browser does not remember so', (back) => [back, 'usher-attempt=abc']],
  ])('lets nobody in with %s', async (_, twist) => {
    await start({}, { claims: { groups: ['admins'] } });
    const { location, status } = await signIn(twist);
    expect([location, status]).toEqual(['/behind/console?problem=failed', 401]);
  });

  it('lets nobody in with an ID token that was made for another attempt', async () => {
    const { state } = await start({}, { claims: { groups: ['admins'] } });
    state.nonce = 'another';
    expect((await signIn()).location).toBe('/behind/console?problem=failed');
  });

  it('does not let two people in with what one came back with', async () => {
    await start({}, { claims: { groups: ['admins'] } });
    let kept: [string, string] = ['', ''];
    await signIn((...both) => {
      kept = both;
      return both;
    });
    expect((await signIn(() => kept)).location).toBe('/behind/console?problem=failed');
  });

  it('says so while the provider can’t be asked, and goes on when it can', async () => {
    const { issuer } = await start({ issuer: 'http://127.0.0.1:1' });
    const answer = await ask('/console/oidc/start');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/behind/console?problem=failed']);
    expect(server.logged()).toContain("http://127.0.0.1:1 can't be asked how to sign in");
    expect(issuer).toContain('127.0.0.1');
  });

  it('keeps the secret of the client to itself', async () => {
    await start({ clientSecret: 'wrong-and-hushed' }, { claims: { groups: ['admins'] } });
    const { location, begun } = await signIn();
    expect(location).toBe('/behind/console?problem=failed');
    expect(`${server.logged()}${begun.headers.get('location')}`).not.toContain('wrong-and-hushed');
  });
});

describe('the ways to sign in', () => {
  it('are told to everybody', async () => {
    await start();
    expect(await (await ask('/api/v1/sign-in')).json()).toEqual({ token: true, oidc: { name: 'Authentik' } });
    await server.stop();
    server = await startScimServer();
    expect(await (await ask('/api/v1/sign-in')).json()).toEqual({ token: true, oidc: null });
    expect((await ask('/console/oidc/start')).status).toBe(404);
  });
});
