import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreUnusable } from '../error.ts';
import type { FactStore } from '../guard-store.ts';
import type { SealFinding } from '../store.ts';
import { writeSafely } from './files.ts';

/** Which database it is, and how often it was sealed; one is in the database and one in a file beside it. */
export type Seal = { readonly id: string; readonly count: number; readonly at: number };

const FILE = 'usher.seal';

/**
 * Compares the database with the file beside it, then counts both one up: the database first, so that a crash in
 * between leaves it ahead, which no old copy is. A backup says of itself that it is one, until it is sealed.
 */
export function createSealing(dataDir: string, facts: FactStore) {
  return async (
    now: number,
    react: (finding: SealFinding) => Promise<void> = async () => {},
  ): Promise<SealFinding> => {
    const file = readSeal(dataDir);
    const fact = toSeal(await facts.get('seal'));
    const isBackup = (await facts.get('backup')) !== undefined;
    const finding = isBackup ? 'older' : compare(file, fact);
    await react(finding);
    const count = Math.max(file?.count ?? 0, fact?.count ?? 0) + 1;
    const next: Seal = { id: fact?.id ?? randomUUID(), count, at: now };
    await facts.set('seal', next);
    writeSeal(dataDir, next);
    if (isBackup) await facts.set('backup', undefined);
    return finding;
  };
}

/** The seal of a folder; undefined if there is none, or none that can be read. */
export function readSeal(dataDir: string): Seal | undefined {
  try {
    return toSeal(JSON.parse(readFileSync(join(dataDir, FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

function writeSeal(dataDir: string, seal: Seal): void {
  const file = join(dataDir, FILE);
  try {
    writeSafely(file, `${JSON.stringify(seal)}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreUnusable(
      `${file} can't be written: ${reason}. Make room on its disk, and see that the folder belongs to the user Usher runs as.`,
      { cause: error },
    );
  }
}

function compare(file: Seal | undefined, fact: Seal | undefined): SealFinding {
  if (file === undefined) return fact === undefined ? 'fresh' : 'same';
  if (fact === undefined || fact.id !== file.id) return 'other';
  return fact.count < file.count ? 'older' : 'same';
}

function toSeal(value: unknown): Seal | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, count, at } = value as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || typeof at !== 'number') return undefined;
  return Number.isSafeInteger(count) ? { id, count: Number(count), at } : undefined;
}
