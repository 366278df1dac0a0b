import { HomeserverError } from '../matrix/error.ts';

/** Undefined if the homeserver said that there is no such thing. Every other error goes on. */
export async function whereFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HomeserverError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** Undefined if what answered does not serve that at all, such as an older version, or a proxy. Every other error goes on. */
export async function whereServed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HomeserverError && error.kind === 'protocol') return undefined;
    throw error;
  }
}
