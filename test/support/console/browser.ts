import axe from 'axe-core';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { chromiumPath } from './chromium.ts';
import type { Stage } from './stage.ts';

/** A browser at `origin`. What its pages complain about fails the test. */
export async function openBrowser(origin: string, options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  // An answer such as 401 is told as one, too: it is how the console learns that nobody is signed in.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  onTestFinished(() => expect(complaints).toEqual([]));
  return page;
}

export async function signIn(page: Page, token: string, path = '/console'): Promise<void> {
  await page.goto(path);
  await page.getByLabel('Token of an admin').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page
    .getByRole('main')
    .filter({ hasNot: page.getByLabel('Token of an admin') })
    .waitFor();
}

/** Asserts that axe finds nothing serious on what is shown. */
export async function expectAccessible(page: Page): Promise<void> {
  const found = await page.evaluate(`(() => { ${axe.source}; return axe.run(); })()`);
  const { violations, passes } = found as axe.AxeResults;
  expect(passes.length).toBeGreaterThan(5);
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('; ')}`)).toEqual([]);
}

/** The page at a path below `/console`, for an admin of this name. */
export async function openPage(stage: Stage, path: string, heading: string): Promise<Page> {
  const page = await openBrowser(stage.usher.url);
  await signIn(page, await stage.issue('admin', 'admin'), `/console${path}`);
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  return page;
}
