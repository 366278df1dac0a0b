import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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
  ['held', '/held', 'Held'],
  ['journal', '/journal?action=join', 'Journal'],
  ['tokens', '/tokens', 'Tokens'],
] as const;

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
        await shoot(name);
      }
      await page.getByRole('button', { name: 'New token' }).click();
      await shoot('new-token');
    }
  }
});
