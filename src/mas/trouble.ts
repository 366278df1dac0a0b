import { HomeserverError } from '../matrix/error.ts';

type Details = { readonly errcode?: string | undefined; readonly cause?: unknown };

/** What somebody must mend in the settings or in MAS before anything can be done. The message has both parts. */
export class MasTrouble extends HomeserverError {
  /** What is wrong; a clause. */
  readonly found: string;
  /** What to do; it begins in the middle of a sentence. */
  readonly cure: string;

  constructor(found: string, cure: string, details: Details = {}) {
    super('unauthorised', `${found}: ${cure}`, details);
    this.found = found;
    this.cure = cure;
  }
}
