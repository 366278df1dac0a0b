/** The database can't be used. The message is for the admin: what is wrong and what to do. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}
