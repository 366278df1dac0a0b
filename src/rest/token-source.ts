/** A token that is kept good by who knows how to get another one. */
export type TokenSource = {
  /** Rejects with `HomeserverError` if there is none to be had. */
  readonly current: () => Promise<string>;
  /** This one was not accepted: whether another one may be. Rejects with `HomeserverError` that says why there is none. */
  readonly replace: (rejected: string) => Promise<boolean>;
};

/** One that was given and that nobody can replace. */
export function fixedToken(token: string): TokenSource {
  return { current: async () => token, replace: async () => false };
}
