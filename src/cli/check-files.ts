import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, warning } from '../desk/finding.ts';

/** Bits of a mode for those who are neither the owner nor of the group. */
const OTHERS = { read: 0o4, write: 0o2, enter: 0o1 } as const;

/**
 * Whether everybody on the machine gets at the data: Usher makes all of it for itself alone, but a folder may have been
 * made, and files be copied, by hand. Access of a group is somebody's decision, and nothing is said of it.
 */
export function checkFiles(folder: string): readonly Finding[] {
  if (process.platform === 'win32') return [];
  const { mode } = statSync(folder);
  if ((mode & OTHERS.write) !== 0) {
    return [
      warning('database', {
        found: `everybody on this machine may write into ${folder}`,
        meaning: 'who may can put another database in place of yours, and so decide who is in which room.',
        remedy: `chmod 700 ${folder}`,
      }),
    ];
  }
  const open = (mode & OTHERS.enter) === 0 ? [] : filesIn(folder).filter((file) => allows(file, OTHERS.read));
  if (open.length === 0) return [];
  return [
    warning('database', {
      found: `everybody on this machine may read ${open.join(', ')}`,
      meaning: 'the names and e-mail addresses of all people are in it.',
      remedy: `chmod 700 ${folder}`,
    }),
  ];
}

function filesIn(folder: string): readonly string[] {
  const backups = join(folder, 'backups');
  const isOpen = existsSync(backups) && allows(backups, OTHERS.enter);
  return [folder, ...(isOpen ? [backups] : [])].flatMap((each) =>
    readdirSync(each)
      .filter((name) => name.includes('usher') && name.includes('.db'))
      .map((name) => join(each, name)),
  );
}

function allows(file: string, bit: number): boolean {
  return ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & bit) !== 0;
}
