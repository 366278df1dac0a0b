import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Koa from 'koa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createConsoleRouter } from '../../src/http/console.ts';
import type { RequestState } from '../../src/http/context.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The console by itself, with files that stand for those that were built. */
async function serve({
  isOpen = true,
  isBuilt = true,
  consoleUrl = '/console',
} = {}): Promise<(path: string) => Promise<Response>> {
  const folder = join(tempDir(), 'console');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  if (isBuilt) {
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html>the page <script src="./assets/index-1a2b.js"></script>',
    );
    writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'the program');
  }
  const app = new Koa<RequestState>();
  app.silent = true;
  app.use(createConsoleRouter({ isOpen: async () => isOpen, consoleUrl, folder }).routes());
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port');
  return (path) => fetch(`http://127.0.0.1:${address.port}${path}`);
}

describe('the files of the console', () => {
  it.each(['/console', '/console/', '/console/people/x%2Fy', '/console/group-map'])(
    'are the page at %s, which is asked for anew each time',
    async (path) => {
      const answer = await (await serve())(path);
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain('the page');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('are asked for where browsers see them, behind a proxy that cuts a path off', async () => {
    const answer = await (await serve({ consoleUrl: '/behind/console' }))('/console/people/x');
    expect(await answer.text()).toContain('src="/behind/console/assets/index-1a2b.js"');
  });

  it('are kept for a year where their names have a hash', async () => {
    const answer = await (await serve())('/console/assets/index-1a2b.js');
    expect(await answer.text()).toBe('the program');
    expect(answer.headers.get('cache-control')).toBe('max-age=31536000,immutable');
    expect(answer.headers.get('content-type')).toContain('javascript');
  });

  it.each(['/console/assets/gone.js', '/console/assets/..%2f..%2fetc', '/console/oidc/start'])(
    'are no others: %s',
    async (path) => {
      const { status } = await (await serve())(path);
      expect([403, 404]).toContain(status);
    },
  );

  it('are not shown while there is no way to sign in', async () => {
    const get = await serve({ isOpen: false });
    for (const path of ['/console', '/console/assets/index-1a2b.js']) {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain('usher token create NAME --scope admin');
    }
  });

  it('say what to do if nobody built them', async () => {
    const answer = await (await serve({ isBuilt: false }))('/console/people');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('npm run build');
  });
});
