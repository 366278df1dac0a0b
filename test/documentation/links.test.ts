import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { leadsSomewhere, proseOf } from '../support/headings.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const within = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));

const PAGES = [...readdirSync(ROOT), ...within('docs'), ...within('test')]
  .filter((path) => path.endsWith('.md'))
  .toSorted();

/** What a page links to or shows, but for what is elsewhere in the web. */
function linksOf(page: string): readonly string[] {
  return [...proseOf(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** The page that a link leads to, from the top of the repository; with its heading, if it names one. */
function targetOf(page: string, link: string): string {
  return link.startsWith('#') ? `${page}${link}` : normalize(join(dirname(page), link));
}

describe('the documentation', () => {
  it.each(PAGES)('leads from %s to pages, headings and pictures that are there', (page) => {
    const lost = linksOf(page).filter((link) => !leadsSomewhere(ROOT, targetOf(page, link)));
    expect(lost).toEqual([]);
  });

  it('leads from the README to each page', () => {
    const found = new Set(['README.md']);
    for (const page of found) {
      for (const link of linksOf(page)) {
        const [target = ''] = targetOf(page, link).split('#');
        if (PAGES.includes(target)) found.add(target);
        // A folder leads to what is in it, as GitHub shows it.
        for (const inside of PAGES.filter((each) => dirname(each) === target)) found.add(inside);
      }
    }
    const pages = PAGES.filter((page) => !page.startsWith('test'));
    expect(pages.length).toBeGreaterThan(30);
    expect(pages.filter((page) => !found.has(page))).toEqual([]);
  });

  it('has the pages and headings that programs and their tests name', () => {
    const named = [...within('src'), ...within('test'), ...within('bench')]
      .filter((path) => /\.(ts|tsx|js)$/.test(path) && basename(path) !== 'alerts.test.ts')
      .flatMap((path) =>
        [...read(path).matchAll(/\bdocs\/[\w./-]+\.md(?:#[\w-]+)?/g)].map(([link]) => ({ path, link })),
      );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ link }) => !leadsSomewhere(ROOT, link))).toEqual([]);
  });
});
