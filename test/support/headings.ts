import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where links lead to the headings of a page, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Whether `docs/operations.md#outages`, with or without a heading, is there below the folder. */
export function leadsSomewhere(folder: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = join(folder, path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}
