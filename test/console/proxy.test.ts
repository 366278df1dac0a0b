import { describe, it } from 'vitest';
import { openBrowser, signIn } from '../support/console/browser.ts';
import { startNginx } from '../support/proxy/nginx.ts';
import { startBehind } from '../support/proxy/stage.ts';

describe('behind nginx, below a path of another site', () => {
  it('an admin signs in at a deep link, goes through the pages, and reads the API', async (context) => {
    const behind = await startBehind(context, {
      publicUrl: 'https://example.com/usher',
      start: (test, options) => startNginx(test, 'usher-prefix.conf', options),
    });
    await behind.usher.provider.createUser({ userName: 'ann', displayName: 'Ann Ant' });
    await behind.usher.resync();
    const page = await openBrowser(behind.url, { ignoreHTTPSErrors: true });

    await signIn(page, await behind.issue({ name: 'boss', scope: 'admin' }), '/usher/console/people');
    await page.getByRole('link', { name: 'Ann Ant' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ann Ant' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Ann Ant' }).waitFor();

    await page.getByRole('link', { name: 'Rooms' }).click();
    await page.getByRole('link', { name: '#a/b?c:usher.test' }).click();
    await page.getByRole('heading', { level: 1, name: '#a/b?c:usher.test' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: '#a/b?c:usher.test' }).waitFor();

    // Its files are loaded when it is first wanted.
    await page.getByRole('link', { name: 'Group map' }).click();
    await page.getByRole('textbox').filter({ hasText: '#a/b?c:usher.test' }).waitFor();

    await page.getByRole('link', { name: 'Journal' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    await behind.usher.provider.createUser({ userName: 'bob' });
    await page.getByRole('cell', { name: '@bob:usher.test' }).first().waitFor();

    await page.goto('/usher/api/docs/');
    await page.getByRole('button', { name: 'GET /api/v1/status' }).first().click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.getByText('/usher/api/v1/status').first().waitFor();
    await page.locator('.live-responses-table').getByText('200', { exact: true }).waitFor();
  });
});
