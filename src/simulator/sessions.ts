import type { Account } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { Refusal } from './refusal.ts';

/** Whom a token speaks for, whether the admin API listens to her, and whether she has a device. */
export type Requester = {
  readonly userId: UserId;
  readonly isAdmin: boolean;
  readonly hasDevice: boolean;
};

export type Sessions = {
  /** An access token. */
  logIn(userId: UserId): string;
  /** Ends all of the account's tokens but those that it gets later. */
  logOut(userId: UserId): void;
  /** Refuses with 401. */
  requester(token: string | undefined): Requester;
};

/** The sessions that Synapse keeps itself. */
export function createSessions(accountOf: (userId: UserId) => Account | undefined): Sessions {
  const tokens = new Map<string, UserId>();
  let issued = 0;

  return {
    logIn(userId) {
      issued += 1;
      const token = `simulated_${issued}_${userId}`;
      tokens.set(token, userId);
      return token;
    },

    logOut(userId) {
      for (const [token, owner] of tokens) if (owner === userId) tokens.delete(token);
    },

    requester(token) {
      const userId = tokens.get(required(token));
      const account = userId === undefined ? undefined : accountOf(userId);
      if (account === undefined) throw unknownToken('Invalid access token passed.');
      if (account.locked) throw new Refusal(401, 'M_USER_LOCKED', 'User account has been locked');
      return { userId: account.userId, isAdmin: account.admin, hasDevice: true };
    },
  };
}

export function required(token: string | undefined): string {
  if (token === undefined) throw new Refusal(401, 'M_MISSING_TOKEN', 'Missing access token');
  return token;
}

export const unknownToken = (error: string): Refusal => new Refusal(401, 'M_UNKNOWN_TOKEN', error);
