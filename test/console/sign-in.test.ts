import { describe, expect, it } from 'vitest';
import { expectAccessible, openBrowser, signIn } from '../support/console/browser.ts';
import { startStage } from '../support/console/stage.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { startUsher } from '../support/usher.ts';

describe('the console', () => {
  it('says how it is opened while nobody could sign in', async () => {
    const usher = await startUsher(await startSimulated(), {});
    const answer = await fetch(`${usher.url}/console`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('usher token create NAME --scope admin');
  });

  it('lets in whoever has a token of an admin, to the page that she asked for', async () => {
    const { usher, issue } = await startStage();
    const token = await issue('ann', 'admin');
    const page = await openBrowser(usher.url);
    await page.goto('/console/tokens');
    await page.getByLabel('Token of an admin').waitFor();
    await expectAccessible(page);
    await signIn(page, token, '/console/tokens');
    await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token of an admin').waitFor();
    await page.reload();
    await page.getByLabel('Token of an admin').waitFor();
  });

  it.each([
    ['usher_wrong', 'That is no token of Usher'],
    ['scim', 'has neither the scope admin nor admin:read'],
  ])('says why it does not let in who has the token %s', async (kind, why) => {
    const { usher, issue } = await startStage();
    await issue('ann', 'admin');
    const token = kind === 'scim' ? await issue('okta', 'scim') : kind;
    const page = await openBrowser(usher.url);
    await page.goto('/console');
    await page.getByLabel('Token of an admin').fill(token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: why }).waitFor();
    await expectAccessible(page);
  });

  it('asks to sign in again over what is there, and then does what was asked for', async () => {
    const { usher, issue } = await startStage();
    const token = await issue('ann', 'admin');
    const page = await openBrowser(usher.url);
    await signIn(page, token, '/console/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('okta');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Make the token' }).click();
    const again = page.getByRole('dialog', { name: 'Your session has ended' });
    await again.waitFor();
    await expectAccessible(page);
    await again.getByLabel('Token of an admin').fill(token);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('dialog', { name: 'The secret of okta' }).waitFor();
  });

  it('loads less than 150 kB before it shows something', async () => {
    const { usher, issue } = await startStage();
    await issue('ann', 'admin');
    const page = await openBrowser(usher.url);
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (new URL(request.url()).pathname.startsWith('/console')) {
        sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
      }
    });
    await page.goto('/console');
    await page.getByLabel('Token of an admin').waitFor();
    const bytes = await Promise.all(sizes);
    expect(bytes.length).toBeGreaterThanOrEqual(3);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(10_000);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(150_000);
  });

  it('needs nothing from elsewhere, and lets no program in that is not a file of its own', async () => {
    const { usher, issue } = await startStage();
    const token = await issue('ann', 'admin');
    const page = await openBrowser(usher.url);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await signIn(page, token);
    expect(new Set(asked)).toEqual(new Set([usher.url]));
    const { headers } = await fetch(`${usher.url}/console`);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
  });
});
