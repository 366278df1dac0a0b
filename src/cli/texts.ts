import type { Contents } from '../store/sqlite/inspect.ts';

/** What a hold on a whole database means. */
export const PROMISE = 'Nothing is taken from anybody before you have looked.';

/** `2026-11-20 10:15 UTC`. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `1 user`, `2 users`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `220 KiB`, `1.4 MiB`. */
export function sizeOf(bytes: number): string {
  const kib = bytes / 1024;
  return kib < 1024 ? `${Math.ceil(kib)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** What is in a database, for a sentence. */
export function describeContents({ users, groups, accounts, memberships }: Contents): string {
  const parts = [
    counted(users, 'user'),
    counted(groups, 'group'),
    counted(accounts, 'Matrix account'),
    counted(memberships, 'recorded membership'),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
