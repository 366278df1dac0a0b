/** The database can't be used. The message is for the admin: what is wrong and what to do. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}

/** There is no backup: it could not be written, or what was written is not good. The message is for the admin. */
export class BackupFailed extends Error {
  override readonly name = 'BackupFailed';
}

/** What is in the database is not what was written into it. SQLite has no sums of it, and did not notice. */
export class StoreBroken extends Error {
  override readonly name = 'StoreBroken';
}

/**
 * Why the database does not do what it is told, and it is not our fault: the disk is full, may not be written to, or
 * fails; the file is broken; or another process keeps it for itself.
 */
export type StoreTrouble = 'full' | 'read-only' | 'failing' | 'broken' | 'busy';

/** By the codes of SQLite, which come with extensions such as `SQLITE_IOERR_WRITE`; and by those of the kernel. */
const CODES: readonly (readonly [code: RegExp, trouble: StoreTrouble])[] = [
  [/^SQLITE_FULL|^ENOSPC$|^EDQUOT$/, 'full'],
  [/^SQLITE_READONLY|^SQLITE_PERM|^EROFS$|^EACCES$|^EPERM$/, 'read-only'],
  [/^SQLITE_CORRUPT|^SQLITE_NOTADB/, 'broken'],
  [/^SQLITE_IOERR|^SQLITE_CANTOPEN|^EIO$/, 'failing'],
  [/^SQLITE_BUSY|^SQLITE_LOCKED/, 'busy'],
];

/** What trouble of the database an error tells of; undefined if it is about something else. */
export function troubleOf(error: unknown): StoreTrouble | undefined {
  if (error instanceof StoreBroken) return 'broken';
  const isOurs = error instanceof StoreUnusable || error instanceof BackupFailed;
  const code = codeOf(isOurs ? error.cause : error);
  // The kernel's codes are told by sockets and other files, too.
  if (!isOurs && !code.startsWith('SQLITE_')) return undefined;
  return CODES.find(([pattern]) => pattern.test(code))?.[1];
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
