import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scimClient, TOKEN, user } from '../../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../../support/scim/server.ts';

let server: ScimServer;
beforeAll(async () => {
  server = await startScimServer();
});
afterAll(() => server.stop());

const fetched = (path: string) => fetch(`${server.origin}/api/docs${path}`);

describe('the description of the API', () => {
  it('is OpenAPI 3.1, of this version of Usher', async () => {
    const document = (await (await fetched('/openapi.json')).json()) as Record<string, unknown>;
    const { valid, errors } = await new Validator().validate(document);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  });

  it('names each operation once', async () => {
    const { paths } = (await (await fetched('/openapi.json')).json()) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
    };
    const ids = Object.values(paths).flatMap((each) =>
      Object.values(each).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('postTokensIdRotate');
  });
});

describe('SCIM in the description', () => {
  type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const described = async () => {
    const { paths } = (await (await fetched('/openapi.json')).json()) as { readonly paths: Paths };
    return Object.entries(paths).filter(([path]) => path.startsWith('/scim/v2'));
  };

  it('is what is served, under the path of the settings', async () => {
    const id = (await scimClient(server)('POST', '/Users', user('ann'))).body.id;
    const group = (await scimClient(server)('POST', '/Groups', { displayName: 'eng' })).body.id;
    for (const [path, methods] of await described()) {
      const real = path.replace('/Users/{id}', `/Users/${id}`).replace('/Groups/{id}', `/Groups/${group}`);
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
      for (const method of Object.keys(methods)) {
        const body = method.startsWith('p') ? { body: '{}' } : {};
        const sent = await fetch(`${server.origin}${real}`, {
          method: method.toUpperCase(),
          headers,
          ...body,
        });
        expect([404, 405, 500], `${method} ${path}`).not.toContain(sent.status);
      }
    }
    expect((await described()).length).toBeGreaterThan(9);
  });

  it('has every attribute that a resource is shown with', async () => {
    const document = (await (await fetched('/openapi.json')).json()) as {
      readonly components: { readonly schemas: Readonly<Record<string, { readonly properties: object }>> };
    };
    const { schemas } = document.components;
    const made = await scimClient(server)('POST', '/Users', {
      ...{ ...user('bob'), displayName: 'Bob', emails: [{ value: 'b@x.example' }], active: true },
    });
    const properties = Object.keys(schemas.User?.properties ?? {});
    expect(properties).toEqual(expect.arrayContaining(Object.keys(made.body)));
    expect(properties).toContain('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User');
  });
});

describe('the viewer', () => {
  it.each([
    ['', 'text/html; charset=utf-8', '<main id="viewer">'],
    ['/start.js', 'text/javascript; charset=utf-8', 'SwaggerUIBundle'],
    ['/swagger-ui.css', 'text/css; charset=utf-8', '.swagger-ui'],
    ['/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', 'SwaggerUIBundle'],
  ])('sends docs%s, and lets it load nothing from elsewhere', async (path, type, content) => {
    const response = await fetched(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(await response.text()).toContain(content);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';/,
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is at one address, as its files are beside that', async () => {
    const { redirected, url, status } = await fetched('/');
    expect([redirected, url, status]).toEqual([true, `${server.origin}/api/docs`, 200]);
  });

  it('sends nothing else of its package, nor of ours', async () => {
    for (const path of [
      '/package.json',
      '/swagger-ui.css.map',
      '/../../package.json',
      '/%2e%2e/package.json',
    ]) {
      expect((await fetched(path)).status, path).toBe(404);
    }
  });
});
