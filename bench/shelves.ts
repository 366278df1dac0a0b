import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, type Shelf, type Stock } from './stock.ts';

/**
 * Fills a folder. With `kept`, a folder that exists, only the first time: then it copies what it filled that time.
 * A newer Usher brings the copy up to date when it opens it.
 */
export async function stocked(dataDir: string, stock: Stock, kept: string | undefined): Promise<Shelf> {
  if (kept === undefined) return fill(dataDir, stock);
  const original = join(kept, String(stock.users));
  const list = join(original, 'shelf.json');
  if (!existsSync(list)) {
    const shelf = await fill(original, stock);
    writeFileSync(list, JSON.stringify(shelf));
  }
  cpSync(original, dataDir, { recursive: true });
  return JSON.parse(readFileSync(list, 'utf8'));
}
