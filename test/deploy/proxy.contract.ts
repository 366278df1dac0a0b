import { describe, expect, it, onTestFinished } from 'vitest';
import { startOidcProvider } from '../support/oidc-provider.ts';
import { type Deployed, ODD_ROOM, signInBehind, startBehind } from '../support/proxy/stage.ts';
import { SECRET } from '../support/usher.ts';

const SCIM = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json' };
const JSON_TYPE = { 'content-type': 'application/json' };
const ANN = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ann' });

/** What providers and admins want of a proxy before Usher. */
export function behindProxy(name: string, deployed: Deployed): void {
  const { publicUrl } = deployed;
  const { origin, pathname } = new URL(publicUrl);
  const prefix = pathname.replace(/\/$/, '');

  describe(`Usher behind ${name}, at ${publicUrl}`, { timeout: 60_000 }, () => {
    it('has what a provider pushes at the address that it tells', async (context) => {
      const { ask } = await startBehind(context, deployed);
      const made = await ask('POST', `${prefix}/scim/v2/Users`, { headers: SCIM, body: ANN });
      expect(made.status).toBe(201);
      const { location } = made.headers;
      expect(location?.startsWith(`${publicUrl}/scim/v2/Users/`)).toBe(true);
      const found = await ask('GET', String(location).slice(origin.length), { headers: SCIM });
      expect([found.status, JSON.parse(found.body).userName]).toEqual([200, 'ann']);
    });

    it('sends the console at a deep link, and each of its files', async (context) => {
      const behind = await startBehind(context, deployed);
      await behind.issue({ name: 'boss', scope: 'admin' });
      const page = await behind.ask(
        'GET',
        `${prefix}/console/people/ann/rooms/${encodeURIComponent(ODD_ROOM)}`,
      );
      expect(page.status, page.body).toBe(200);
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
      const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = '']) => file);
      expect(files.length).toBeGreaterThan(2);
      for (const file of files) {
        expect(file.startsWith(`${prefix}/console/assets/`), file).toBe(true);
        const { status, headers } = await behind.ask('GET', file, { headers: { 'accept-encoding': 'br' } });
        expect([status, headers['content-encoding']], file).toEqual([200, 'br']);
      }
    });

    it('signs an admin in, and has her do something with the header of the page only', async (context) => {
      const behind = await startBehind(context, deployed);
      const { status, cookie, reading, csrf } = await signInBehind(behind);
      expect(status).toBe(201);
      expect(cookie).toMatch(
        /^__Host-usher=[^;]+; path=\/; expires=[^;]+; samesite=strict; secure; httponly$/i,
      );
      const body = JSON.stringify({ name: 'okta', source: 'default', scopes: ['scim'] });
      const make = (headers: Readonly<Record<string, string>>) =>
        behind.ask('POST', `${prefix}/api/v1/tokens`, { headers: { ...JSON_TYPE, ...headers }, body });
      expect((await make(reading)).status).toBe(403);
      expect((await make({ ...reading, ...csrf })).status).toBe(201);
      const { body: list } = await behind.ask('GET', `${prefix}/api/v1/tokens`, { headers: reading });
      expect(list).toContain('"okta"');
    });

    it('signs an admin in by OpenID Connect', async (context) => {
      const { issuer } = await startOidcProvider({
        claims: { groups: ['admins'], preferred_username: 'ann' },
      });
      const { ask } = await startBehind(context, deployed, {
        env: {
          OIDC_ISSUER: issuer,
          OIDC_CLIENT_ID: 'usher',
          OIDC_CLIENT_SECRET: 'hush',
          OIDC_ADMIN_GROUP: 'admins',
        },
      });
      const cookiesOf = (set: readonly string[] = []) => set.map((each) => each.split(';')[0]).join('; ');
      const begun = await ask('GET', `${prefix}/console/oidc/start`);
      const sent = await fetch(String(begun.headers.location), { redirect: 'manual' });
      const back = String(sent.headers.get('location'));
      expect(back.startsWith(`${publicUrl}/console/oidc/callback?`), back).toBe(true);
      const ended = await ask('GET', back.slice(origin.length), {
        headers: { cookie: cookiesOf(begun.headers['set-cookie']) },
      });
      expect([ended.status, ended.headers.location]).toEqual([302, `${prefix}/console`]);
      const cookie = cookiesOf(ended.headers['set-cookie']);
      const session = await ask('GET', `${prefix}/api/v1/session`, { headers: { cookie } });
      expect(JSON.parse(session.body)).toMatchObject({ name: 'ann', scopes: ['admin'] });
    });

    it('understands names with what addresses have to encode', async (context) => {
      const behind = await startBehind(context, deployed);
      await behind.usher.resync();
      const { reading } = await signInBehind(behind);
      const path = `${prefix}/api/v1/rooms/${encodeURIComponent(ODD_ROOM)}`;
      const { status, body } = await behind.ask('GET', path, { headers: reading });
      expect([status, body.includes(ODD_ROOM)]).toEqual([200, true]);
    });

    it('shows the description of the API, whose operations are where it says', async (context) => {
      const { ask } = await startBehind(context, deployed);
      const page = await ask('GET', `${prefix}/api/docs`);
      expect(page.body).toContain('<main id="viewer">');
      for (const [, file] of page.body.matchAll(/(?:src|href)="(docs\/[^"]+)"/g))
        expect((await ask('GET', `${prefix}/api/${file}`)).status, file).toBe(200);
      const { servers, paths } = JSON.parse((await ask('GET', `${prefix}/api/docs/openapi.json`)).body);
      const base = servers[0].url.replace(/\/$/, '');
      for (const path of ['/api/v1/status', '/scim/v2/Users']) {
        expect(Object.keys(paths)).toContain(path);
        expect((await ask('GET', `${base}${path}`)).status, path).toBe(401);
      }
    });

    it('tells what happens as it happens', async (context) => {
      const behind = await startBehind(context, deployed);
      const { reading } = await signInBehind(behind);
      const stream = await behind.open('GET', `${prefix}/api/v1/journal/stream`, { headers: reading });
      onTestFinished(() => {
        stream.destroy();
      });
      expect(stream.headers['content-type']).toContain('text/event-stream');
      let told = '';
      const until = async (part: string) => {
        for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
          told += chunk;
          if (told.includes(part)) return true;
        }
        return false;
      };
      expect(await until(': here')).toBe(true);
      await behind.issue({ name: 'made-meanwhile', scope: 'scim' });
      expect(await until('made-meanwhile')).toBe(true);
    });

    it('knows where a request comes from, whatever it claims', async (context) => {
      const { ask, issue } = await startBehind(context, deployed);
      const token = await issue({ name: 'here-only', scope: 'scim', networks: ['127.0.0.2'] });
      const get = (from: string, claimed?: string) =>
        ask('GET', `${prefix}/scim/v2/Users`, {
          from,
          headers: {
            authorization: `Bearer ${token}`,
            ...(claimed !== undefined && {
              'x-forwarded-for': claimed,
              forwarded: `for=${claimed}`,
              'x-real-ip': claimed,
            }),
          },
        });
      expect((await get('127.0.0.2')).status).toBe(200);
      expect((await get('127.0.0.2', '203.0.113.9')).status).toBe(200);
      expect((await get('127.0.0.3')).status).toBe(403);
      expect((await get('127.0.0.3', '127.0.0.2')).status).toBe(403);
    });

    it('lets people in to the console and the API from where admins are only, if it is told', async (context) => {
      const { ask } = await startBehind(context, deployed, { admins: '127.0.0.2/32' });
      for (const path of ['/console', '/console/people', '/api/v1/status', '/api/docs']) {
        const statusOf = async (from: string) => (await ask('GET', `${prefix}${path}`, { from })).status;
        expect(await statusOf('127.0.0.3'), path).toBe(403);
        expect(await statusOf('127.0.0.2'), path).not.toBe(403);
      }
      const pushed = { headers: SCIM, body: ANN, from: '127.0.0.3' };
      expect((await ask('POST', `${prefix}/scim/v2/Users`, pushed)).status).toBe(201);
    });

    it('is not to be had but for these', async (context) => {
      const { ask, usher } = await startBehind(context, deployed);
      const inside = ['/metrics', '/readyz', '/healthz', '/health'];
      for (const path of inside) expect((await fetch(`${usher.url}${path}`)).status, path).toBe(200);
      const around = [
        '/',
        '/consoles',
        '/scim/v20',
        '/scim/v2/../../metrics',
        '/console/../metrics',
        '/metrics/../api/x',
      ];
      for (const path of [...inside, ...around, '//metrics', '/%6detrics', '/scim/v2/..%2f..%2fmetrics']) {
        const { status, body } = await ask('GET', `${prefix}${path}`);
        // 301: to a path without what leads elsewhere, which is asked for above.
        expect([301, 400, 401, 404], path).toContain(status);
        expect(body, path).not.toMatch(/process_cpu|"components"|"status":"ok"/);
      }
    });
  });
}
