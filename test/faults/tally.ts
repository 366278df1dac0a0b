import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TALLY_FILE, type Tally } from '../support/fault-proxy.ts';
import { KINDS } from '../support/faults.ts';

/** Prints at the end what all proxies together went through. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'usher-faults-'));
  const file = join(folder, 'tally');
  writeFileSync(file, '');
  process.env[TALLY_FILE] = file;
  return () => {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const tallies = lines.filter((line) => line !== '').map((line): Tally => JSON.parse(line));
    rmSync(folder, { recursive: true });
    const requests = tallies.reduce((sum, tally) => sum + tally.requests, 0);
    const rows = KINDS.map((kind) => {
      const count = tallies.reduce((sum, { faults }) => sum + (faults[kind] ?? 0), 0);
      return { kind, count };
    });
    const all = rows.reduce((sum, { count }) => sum + count, 0);
    const table = rows.map(({ kind, count }) => `${String(count).padStart(8)}  ${kind}\n`).join('');
    process.stdout.write(`\n${table}${all} faults in ${requests} requests, by ${tallies.length} proxies\n`);
  };
}
