import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { openBrowser, signIn } from '../support/console/browser.ts';
import { dismiss, startStage } from '../support/console/stage.ts';

const FOLDER = join(import.meta.dirname, '../../docs/console');
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;
const ENG = encodeURIComponent('#eng:usher.test');
/** The name of the file, the address below `/console`, and the heading. */
const PAGES = [
  ['overview', '', 'Overview'],
  ['people', '/people', 'People'],
  ['person', '/people/cem', 'Cem Crane'],
  ['explain', `/people/cem/rooms/${ENG}`, 'Is Cem Crane in #eng:usher.test?'],
  ['conflicts', '/conflicts', 'Conflicts'],
  ['groups', '/groups', 'Groups'],
  ['rooms', '/rooms', 'Rooms'],
  ['room', `/rooms/${ENG}`, '#eng:usher.test'],
  ['map', '/map?add=ext-chess', 'Group map'],
  ['held', '/held', 'Held'],
  ['journal', '/journal?action=join', 'Journal'],
  ['tokens', '/tokens', 'Tokens'],
] as const;

/** The group gets a room, and the page shows what that would do. */
async function lookAtPlan(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'The group map' }).getByText('"ext-chess"').waitFor();
  await page.getByText('"ext-chess"').click();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('"#eng:usher.test"');
  await page.getByRole('button', { name: 'Show what this would do' }).click();
  await page.getByRole('heading', { name: 'What it would do' }).waitFor();
}

/** Not a test, but made like one: pictures of each page, wide and narrow, light and dark. */
it('makes the screenshots', async () => {
  const stage = await startStage();
  await dismiss(stage);
  const token = await stage.issue('ann', 'admin');
  await stage.issue('okta', 'scim');
  await stage.issue('prometheus', 'metrics');
  mkdirSync(FOLDER, { recursive: true });
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openBrowser(stage.usher.url, { viewport, colorScheme });
      const shoot = (name: string) =>
        page.screenshot({ path: join(FOLDER, `${name}-${size}-${colorScheme}.png`), fullPage: true });
      await page.goto('/console');
      await page.getByLabel('Token of an admin').waitFor();
      await shoot('sign-in');
      await signIn(page, token);
      for (const [name, path, title] of PAGES) {
        await page.goto(`/console${path}`);
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
        if (name === 'map') await lookAtPlan(page);
        await shoot(name);
      }
      await page.getByRole('button', { name: 'New token' }).click();
      await shoot('new-token');
    }
  }
});
