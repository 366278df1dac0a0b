import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { startScimServer } from '../../support/scim/server.ts';

it('docs/api.md names every operation but those of tokens and the map, and none that is not there', async () => {
  const server = await startScimServer();
  onTestFinished(() => server.stop());
  const description = await (await fetch(`${server.origin}/api/docs/openapi.json`)).json();
  const { paths } = description as { readonly paths: Readonly<Record<string, object>> };
  const there = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/') && !/^\/api\/v1\/(tokens|map)\b/.test(path))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`),
    );
  const text = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
  const named = [...text.matchAll(/^\| `((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`/gm)].map(([, name]) => name);
  expect(there.length).toBeGreaterThan(15);
  expect(named.toSorted()).toEqual(there.toSorted());
});
