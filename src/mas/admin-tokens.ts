import type { TokenSource } from '../rest/token-source.ts';
import type { GrantedToken } from './client-credentials.ts';

/** The part of its life for which a token is used. */
const USED = 0.8;

/** Tokens of the admin API, which live for minutes: asked for when there is none, for all who wait at once. `now` is in ms. */
export function createAdminTokens(request: () => Promise<GrantedToken>, now: () => number): TokenSource {
  let held: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  const ask = async (): Promise<string> => {
    const askedAt = now();
    const { token, expiresInMs } = await request();
    held = { token, until: askedAt + USED * expiresInMs };
    return token;
  };

  return {
    async current() {
      if (held !== undefined && now() < held.until) return held.token;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    async replace(rejected) {
      if (held?.token === rejected) held = undefined;
      return true;
    },
  };
}
