import { describe, expect, it } from 'vitest';
import { expectAccessible, openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { dismiss, startStage } from '../support/console/stage.ts';

const ENG = encodeURIComponent('#eng:usher.test');
const PAGES = [
  ['', 'Overview'],
  ['/people', 'People'],
  ['/people/cem', 'Cem Crane'],
  [`/people/cem/rooms/${ENG}`, 'Is Cem Crane in #eng:usher.test?'],
  ['/conflicts', 'Conflicts'],
  ['/groups', 'Groups'],
  ['/rooms', 'Rooms'],
  [`/rooms/${ENG}`, '#eng:usher.test'],
  ['/held', 'Held'],
  ['/journal', 'Journal'],
  ['/tokens', 'Tokens'],
  ['/nowhere', 'There is no such page'],
] as const;

describe('the frame', () => {
  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('is fit for everybody on each page, %s and %d wide', async (colorScheme, width) => {
    const stage = await startStage();
    await dismiss(stage);
    const page = await openBrowser(stage.usher.url, { colorScheme, viewport: { width, height: 800 } });
    await signIn(page, await stage.issue('ann', 'admin'));
    for (const [path, title] of PAGES) {
      await page.goto(`/console${path}`);
      await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
      await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
      await expect.poll(() => page.title()).toBe(`${title} · Usher`);
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(width);
      await expectAccessible(page);
    }
  });

  it('is used by the keyboard alone', async () => {
    const page = await openPage(await startStage(), '/people', 'People');
    const focused = () => page.evaluate('document.activeElement.textContent');
    await page.reload();
    await page.getByRole('link', { name: 'Ann Ant' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Conflicts');
    await page.getByRole('link', { name: 'Journal' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Journal' }).waitFor();
    expect(await focused()).toBe('Journal');
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    expect(await focused()).toBe('People');
  });

  it('says that a page broke, and leads to others', async () => {
    const stage = await startStage();
    const page = await openBrowser(stage.usher.url);
    await page.route('**/api/v1/status', (route) => route.fulfill({ json: { parts: 'not a list' } }));
    await signIn(page, await stage.issue('ann', 'admin'));
    await page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('link', { name: 'Ann Ant' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('folds the navigation away on a phone', async () => {
    const stage = await startStage();
    const page = await openBrowser(stage.usher.url, {
      viewport: { width: 390, height: 800 },
      hasTouch: true,
    });
    await signIn(page, await stage.issue('ann', 'admin'));
    expect(await page.getByRole('link', { name: 'Tokens' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Menu' }).tap();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Tokens' }).tap();
    await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor();
    expect(await page.getByRole('link', { name: 'Tokens' }).count()).toBe(0);
  });
});
