import Database from 'better-sqlite3';
import { DirectoryConflict } from '../../directory/error.ts';

/** Runs a write; a broken UNIQUE constraint is a conflict of that attribute. */
export function unique<T>(attribute: DirectoryConflict['attribute'], write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_UNIQUE') {
      throw new DirectoryConflict(attribute);
    }
    throw error;
  }
}
