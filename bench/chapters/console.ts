import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../../test/support/console/chromium.ts';
import type { Chapter } from '../figures.ts';
import { setStage } from '../stage.ts';
import { issueReader } from '../token.ts';
import { figureOfWaits } from '../waits.ts';

/** With a million memberships, as in `pages`. */
const SIZE = { users: 100_000, rooms: 2_000, each: 10 };
const TIMES = 11;
/** How long the console waits for another key before it searches: `PAUSE` in src/console/use-query.ts. */
const PAUSE = 250;

/** What somebody does, in the page, and when that is there. */
type Step = {
  readonly name: string;
  readonly deed: string;
  readonly shown: string;
  /** Milliseconds of it that the console waits on purpose. */
  readonly pause?: number;
};

const heading = (text: string) => `document.querySelector('h1')?.textContent === ${JSON.stringify(text)}`;
const rows = (count: number) => `(document.querySelectorAll("tbody tr").length >= ${count})`;
const press = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).click()`;
const nav = (title: string) =>
  `[...document.querySelectorAll('nav a')].find((a) => a.textContent.trim() === '${title}').click()`;
const page = (title: string, there = rows(1)): Step => ({
  ...{ name: title, deed: nav(title), shown: `${heading(title)} && ${there}` },
});
/** The first of a list, looked at. */
const first = (name: string, there: string): Step => ({
  ...{
    name,
    deed: press('tbody a'),
    shown: `${there} && document.querySelector('[aria-busy=true]') === null`,
  },
});
const search = (name: string, text: string, there: string): Step => ({
  name: `${name}, after the pause of ${PAUSE} ms`,
  deed: `const field = document.querySelector('input[type=search]');
    field.value = ${JSON.stringify(text)};
    field.dispatchEvent(new Event('input', { bubbles: true }))`,
  shown: there,
  pause: PAUSE,
});

const WALK: readonly Step[] = [
  page('Overview', "document.querySelectorAll('.parts li').length > 5"),
  page('People', rows(50)),
  { name: 'more people', deed: press('main .secondary'), shown: rows(100) },
  search('people by name', 'given777', `!${rows(51)} && ${rows(1)}`),
  first('a person', "document.querySelectorAll('main section, main h2').length > 1"),
  page('Groups', rows(50)),
  search('groups by name', '77', `!${rows(50)} && ${rows(1)}`),
  first('a group', rows(10)),
  page('Rooms', rows(50)),
  first('a room', rows(10)),
  page('Held', "document.querySelector('main .empty') !== null"),
  page('Journal', "document.querySelector('[aria-busy=true]') === null"),
  page('Tokens'),
];

/** How long somebody at the console waits from a click until what it leads to is there, in a real browser on this machine. */
export const clicks: Chapter = {
  name: 'console',
  async run(bench) {
    const stage = await setStage(bench, SIZE, { RESYNC_INTERVAL: '7d' });
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
    try {
      const token = await issueReader(join(bench.folder, 'data'));
      await stage.passes(1);
      const tab = await browser.newPage({ reducedMotion: 'reduce' });
      await tab.goto(`${new URL(stage.usher.url).origin}/console`);
      await tab.getByLabel('Token of an admin').fill(token);
      await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
      await tab.getByRole('heading', { name: 'Overview' }).waitFor();
      const waits = new Map<string, readonly number[]>();
      for (let turn = 0; turn < TIMES; turn += 1) {
        for (const step of WALK) {
          const ms = (await taken(tab, step)) - (step.pause ?? 0);
          waits.set(step.name, [...(waits.get(step.name) ?? []), ms]);
        }
      }
      return [figureOfWaits(bench, waits, { chapter: 'console', name: 'the slowest click' })];
    } finally {
      await browser.close();
      await stage.close();
    }
  },
};

/** Milliseconds from the deed until what it leads to was painted. */
async function taken(tab: Page, { name, deed, shown }: Step): Promise<number> {
  const ms = await tab.evaluate(`(async () => {
    const begin = performance.now();
    ${deed};
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const waited = performance.now() - begin;
      if (${shown}) return waited;
      if (waited > 10_000) return undefined;
    }
  })()`);
  if (typeof ms !== 'number') throw new Error(`${name} was not there in time`);
  return ms;
}
