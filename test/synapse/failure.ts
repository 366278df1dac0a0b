import { HomeserverError } from '../../src/matrix/error.ts';

/** What a call rejects with, which must be the port's error. */
export async function failureOf(call: Promise<unknown>): Promise<HomeserverError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HomeserverError)) throw new Error('not a HomeserverError', { cause: error });
  return error;
}
