import { once } from 'node:events';
import { createReadStream, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { loadDataConfig } from '../config/config.ts';
import { type Backup, backUpFolder, backUpInPassing } from '../store/sqlite/backup.ts';
import { complain, EXIT, print, readFile, type Terminal, UsageError } from './terminal.ts';
import { describeContents, sizeOf } from './texts.ts';

/** Writes a backup, also beside the running service: into the folder of the backups, a file, or to stdout for `-`. */
export async function backupCommand(terminal: Terminal, target: string | undefined): Promise<number> {
  const { dataDir, backupsKept } = loadDataConfig({ env: terminal.env, readFile });
  if (target === '-') return await toStdout(terminal, dataDir);
  const backup = backUpFolder({ dataDir, kept: backupsKept, reason: undefined, target });
  print(terminal, describe(backup));
  return EXIT.ok;
}

/** Only what was read again and found good is sent: a backup that breaks off is none. */
async function toStdout({ stdout, stderr }: Terminal, dataDir: string): Promise<number> {
  if (stdout.isTTY === true) {
    throw new UsageError('a backup is no text: send it into a file, as in "usher backup - > usher.db"');
  }
  const { path, ...backup } = backUpInPassing(dataDir);
  const content = createReadStream(path);
  await once(content, 'open').finally(() => rmSync(path, { force: true }));
  await pipeline(content, stdout, { end: false });
  complain({ stderr }, describe({ ...backup, path: 'standard output' }));
  return EXIT.ok;
}

function describe({ path, bytes, ...contents }: Backup): string {
  return `backup: ${path} (${sizeOf(bytes)}), read again and found whole.\nIt has ${describeContents(contents)}.`;
}
