import { basename } from 'node:path';
import { loadDataConfig } from '../config/config.ts';
import { restoreBackup } from '../store/sqlite/restore.ts';
import { EXIT, print, readFile, type Terminal, UsageError } from './terminal.ts';
import { describeContents, PROMISE, utc } from './texts.ts';

const NEXT = `Next:
  1. start Usher
  2. have the provider do a full sync, so that Usher learns what changed since (docs/operations.md, "We restored a backup")
  3. "usher held" shows what would be taken away
  4. "usher approve restored" lets that happen, and ends the hold`;

const OLD_TOKENS =
  'Its tokens are those of that time, also what was revoked or rotated since: look at "usher token list".';

/** Puts a backup in the place of the database; `-` reads it from stdin. Not while the service runs. */
export async function restoreCommand(terminal: Terminal, operand: string): Promise<number> {
  const { dataDir, backupsKept: kept } = loadDataConfig({ env: terminal.env, readFile });
  const isStdin = operand === '-';
  const { contents, origin, aside } = await restoreBackup({
    ...{ dataDir, kept, now: Date.now() },
    from: isStdin ? stdinOf(terminal) : operand,
    reason: (found) =>
      `The database was restored from ${isStdin ? 'a backup' : basename(operand)} (${ageOf(found)}). ${PROMISE}`,
  });
  print(terminal, `restored: ${isStdin ? 'standard input' : operand} (${ageOf(origin)}).`);
  print(terminal, `It has ${describeContents(contents)}.`);
  if (aside !== undefined) print(terminal, `The database that was there is now ${aside}.`);
  if (contents.tokens > 0) print(terminal, OLD_TOKENS);
  print(terminal, `${PROMISE} ${NEXT}`);
  return EXIT.ok;
}

function ageOf({ at, reason }: { readonly at: number; readonly reason?: string }): string {
  return `${reason === undefined ? 'last written' : 'made'} ${utc(at)}`;
}

function stdinOf({ stdin }: Terminal): NodeJS.ReadableStream {
  const stream = stdin?.();
  if (stream === undefined || stream.isTTY === true) {
    throw new UsageError('nothing comes in: name a file, or send one, as in "usher restore - < usher.db"');
  }
  return stream;
}
