import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempDir } from '../temp-dir.ts';

/** A small file system of its own, mounted as long as the test runs. */
export type Disk = {
  readonly folder: string;
  /** Fills it, so that so many bytes are free. */
  readonly fill: (free?: number) => void;
  /** Deletes what filled it. */
  readonly free: () => void;
  /** Nobody may have a file of it open for writing. */
  readonly mountReadOnly: () => void;
  readonly mountWritable: () => void;
  /** As the kernel does when a disk fails: read-only at once, whatever is open. Ext4 only. */
  readonly fail: () => void;
  /** What has failed is examined, repaired and mounted again. Nobody may have a file of it open. */
  readonly mend: () => void;
};

export type DiskKind = 'tmpfs' | 'ext4';

const BLOCK = 4_096;
const WITH: readonly (readonly string[])[] = [[], ['sudo', '-n']];

/** How such a disk can be had on this machine; a sentence if it can't. */
export function diskOrReason(kind: DiskKind): { readonly mount: (bytes: number) => Disk } | string {
  const reasons: string[] = [];
  for (const prefix of WITH) {
    try {
      const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
      const image = `${folder}.img`;
      try {
        mount(prefix, kind, folder, image, 2 ** 22);
        run(prefix, 'umount', folder);
        return { mount: (bytes) => createDisk(prefix, kind, bytes) };
      } finally {
        rmSync(folder, { recursive: true, force: true });
        rmSync(image, { force: true });
      }
    } catch (error) {
      reasons.push(String(error).split('\n').slice(0, 2).join(' '));
    }
  }
  return `SKIPPED: no ${kind} can be mounted here, which takes root or sudo. ${reasons.join('; ')}`;
}

function createDisk(prefix: readonly string[], kind: DiskKind, bytes: number): Disk {
  const place = tempDir();
  const folder = join(place, 'disk');
  mkdirSync(folder);
  const image = join(place, 'image');
  mount(prefix, kind, folder, image, bytes);
  // Before the folder that it is in is deleted: what is registered last is done first.
  onTestFinished(() => run(prefix, 'umount', '-l', folder));
  const filler = join(folder, 'filler');
  return {
    folder,
    fill(free = 0) {
      writeFileSync(filler, '');
      const { bavail, bsize } = statfsSync(folder);
      const size = bavail * bsize - free;
      // In blocks, so that what is written last is as large as can be.
      for (let written = 0; written < size; written += BLOCK) {
        try {
          writeFileSync(filler, Buffer.alloc(BLOCK, 1), { flag: 'a' });
        } catch {
          break;
        }
      }
    },
    free() {
      truncateSync(filler);
      rmSync(filler);
    },
    mountReadOnly: () => run(prefix, 'mount', '-o', 'remount,ro', folder),
    mountWritable: () => run(prefix, 'mount', '-o', 'remount,rw', folder),
    fail: () => run(prefix, 'mount', '-o', 'remount,abort', folder),
    mend() {
      run(prefix, 'umount', folder);
      // It ends with 1 if it repaired something.
      run([], 'sh', '-c', 'e2fsck -fy "$1" || [ $? = 1 ]', 'sh', image);
      run(prefix, 'mount', '-o', 'loop', image, folder);
    },
  };
}

function mount(
  prefix: readonly string[],
  kind: DiskKind,
  folder: string,
  image: string,
  bytes: number,
): void {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (kind === 'tmpfs') {
    run(
      prefix,
      'mount',
      '-t',
      'tmpfs',
      '-o',
      `size=${bytes},uid=${uid},gid=${gid},mode=700`,
      'tmpfs',
      folder,
    );
    return;
  }
  writeFileSync(image, '');
  truncateSync(image, bytes);
  run([], 'mkfs.ext4', '-q', '-F', '-E', `root_owner=${uid}:${gid}`, image);
  run(prefix, 'mount', '-o', 'loop', image, folder);
}

function run(prefix: readonly string[], ...command: readonly string[]): void {
  const [program = '', ...args] = [...prefix, ...command];
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}
