import type { UserId } from '../matrix/ids.ts';
import { Refusal } from './refusal.ts';

/** Synapse's defaults: `rc_message`, `rc_invites.per_user` (who is invited) and `rc_joins.local`. */
const LIMITS = {
  message: { perSecond: 0.2, burst: 10 },
  invite: { perSecond: 0.003, burst: 5 },
  join: { perSecond: 0.1, burst: 10 },
} as const;

type Bucket = { readonly level: number; readonly at: number };

export type RateLimits = {
  /** What this user does is counted no more. */
  lift(actor: UserId): void;
  /**
   * Refuses with 429 once `counted` has had all of it; the refused attempt does not count. That a limit is lifted
   * goes by who acts: an admin's lifted limit holds for what is done in another's name, too.
   */
  spend(limit: keyof typeof LIMITS, actor: UserId, counted?: UserId): void;
};

/** Leaky buckets, as in Synapse. */
export function createRateLimits(now: () => number): RateLimits {
  const buckets = new Map<string, Bucket>();
  const lifted = new Set<UserId>();
  return {
    lift(actor) {
      lifted.add(actor);
    },

    spend(limit, actor, counted = actor) {
      if (lifted.has(actor)) return;
      const { perSecond, burst } = LIMITS[limit];
      const key = `${limit} ${counted}`;
      const at = now();
      const bucket = buckets.get(key) ?? { level: 0, at };
      const level = Math.max(0, bucket.level - ((at - bucket.at) / 1000) * perSecond);
      if (level + 1 > burst) {
        const wait = Math.ceil(((level + 1 - burst) / perSecond) * 1000);
        throw new Refusal(429, 'M_LIMIT_EXCEEDED', 'Too Many Requests', wait);
      }
      buckets.set(key, { level: level + 1, at });
    },
  };
}
