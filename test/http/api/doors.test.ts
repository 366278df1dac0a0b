import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import { issueToken } from '../../support/api/client.ts';
import { TOKEN } from '../../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../../support/scim/server.ts';

type Operation = { readonly method: string; readonly path: string; readonly isWrite: boolean };

let server: ScimServer;
let operations: readonly Operation[];
let tokens: Readonly<
  Record<'none' | 'wrong' | 'expired' | 'disabled' | 'scim' | 'metrics' | 'reader', string>
>;
beforeAll(async () => {
  server = await startScimServer({ now: Date.now });
  const { paths } = (await (await fetch(`${server.origin}/api/docs/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly description?: string }>>>>;
  };
  operations = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { description }]) => ({
        ...{ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x') },
        isWrite: description === 'Needs the scope `admin`.',
      })),
    );
  const { store } = server;
  const expired = await issueToken(store, { name: 'expired', expires: Date.now() + 50 });
  const disabled = await issueToken(store, { name: 'disabled' });
  const desk = createTokenDesk({ store, who: 'test', now: Date.now });
  for (const token of await store.tokens.list()) {
    if (token.name === 'disabled') await desk.setDisabled(token, true);
  }
  tokens = {
    ...{ none: '', wrong: 'usher_wrong', expired, disabled, scim: TOKEN },
    metrics: await issueToken(store, { name: 'metrics', scopes: ['metrics'] }),
    reader: await issueToken(store, { name: 'reader', scopes: ['admin:read'] }),
  };
  await new Promise((resolve) => setTimeout(resolve, 60));
});
afterAll(() => server.stop());

const SPELLINGS = [
  (path: string) => path,
  (path: string) => path.toUpperCase(),
  (path: string) => path.replaceAll('/', '//'),
  (path: string) => `${path}/`,
];

const ask = async ({ method, path }: Pick<Operation, 'method' | 'path'>, token: string) => {
  const headers = {
    ...(token !== '' && { authorization: `Bearer ${token}` }),
    'content-type': 'application/json',
  };
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
  return (await fetch(`${server.origin}${path}`, { method, headers, ...body })).status;
};

describe('every route of the API', () => {
  it('is known, and some of them write', () => {
    expect(operations.length).toBeGreaterThan(5);
    expect(operations.filter(({ isWrite }) => isWrite).length).toBeGreaterThan(3);
  });

  // After thirty wrong ones, the address is put off.
  it.each([
    ['none', [401, 429]],
    ['expired', [401]],
    ['disabled', [401]],
    ['scim', [403]],
    ['metrics', [403]],
    ['wrong', [401, 429]],
  ] as const)('lets nobody in who has this token: %s', async (kind, statuses) => {
    for (const operation of operations) {
      for (const spell of SPELLINGS) {
        const path = spell(operation.path);
        expect(statuses, `${operation.method} ${path}`).toContain(
          await ask({ ...operation, path }, tokens[kind]),
        );
      }
    }
  });

  it('that changes something lets nobody in whose token is for reading', async () => {
    for (const operation of operations.filter(({ isWrite }) => isWrite)) {
      expect(await ask(operation, tokens.reader), `${operation.method} ${operation.path}`).toBe(403);
    }
  });

  it('that only shows lets those in', async () => {
    for (const operation of operations.filter(({ isWrite }) => !isWrite)) {
      // 400: in without a body that it could do something with.
      expect([200, 400, 404], operation.path).toContain(await ask(operation, tokens.reader));
    }
  });

  it('that changes something is no GET', () => {
    for (const { method, isWrite } of operations) if (isWrite) expect(method).not.toBe('GET');
  });
});
