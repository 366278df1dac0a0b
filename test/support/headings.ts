import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A page without its blocks of code: a comment of a shell looks like a heading there, and a list of JSON like a link. */
export function proseOf(page: string): string {
  return page.replace(/^( *)```[^\n]*\n[\s\S]*?^\1```$/gm, '');
}

/** Where links lead to the headings of a page, as GitHub makes them: the second of two that are called alike has a number. */
function anchorsOf(page: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => {
    const anchor = title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** Whether `docs/operations.md#outages`, with or without a heading, is there below the folder. */
export function leadsSomewhere(folder: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = join(folder, path);
  if (!existsSync(file)) return false;
  if (anchor === undefined) return true;
  return statSync(file).isFile() && anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}
