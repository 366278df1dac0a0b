/** The database can't be used. The message is for the admin: what is wrong and what to do. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}

/** There is no backup: it could not be written, or what was written is not good. The message is for the admin. */
export class BackupFailed extends Error {
  override readonly name = 'BackupFailed';
}
