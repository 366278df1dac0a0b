import { StoreBroken } from '../error.ts';

/** JSON that we stored ourselves. Throws `StoreBroken` if it is none: then the file was damaged. */
export function storedJson(text: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StoreBroken('what was stored as JSON is none', { cause: error });
  }
}
