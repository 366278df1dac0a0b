import type { Profile } from '../directory/user.ts';
import { parseUserId, type UserId, userId } from '../matrix/ids.ts';

const ESCAPED = /[^a-z0-9._\-/+]/;

/**
 * A user name as a localpart, the way Synapse's OIDC mapper does it: ASCII lower case, every other byte that
 * may not stand in a Matrix id as `=xx`, and a leading underscore too (Matrix spec, "Mapping from other
 * character sets"). So an account made before the first login is the one that the login lands on.
 */
export function mapToLocalpart(text: string): string {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const escaped = [...Buffer.from(lower)].map((byte) => {
    const character = String.fromCharCode(byte);
    return ESCAPED.test(character) ? `=${byte.toString(16).padStart(2, '0')}` : character;
  });
  return escaped.join('').replace(/^_/, '=5f');
}

const LOCALPART_FIELDS = ['userName', 'externalId', 'emailLocalpart'] as const;
type LocalpartField = (typeof LOCALPART_FIELDS)[number];

export type Derived =
  | { readonly kind: 'derived'; readonly account: UserId }
  | { readonly kind: 'impossible'; readonly reason: string };

/** The Matrix id that a template such as `{userName}` gives a person; never truncated, never guessed. */
export function deriveAccount(template: string, profile: Profile, serverName: string): Derived {
  const values: Record<LocalpartField, string | undefined> = {
    userName: profile.userName,
    externalId: profile.externalId,
    emailLocalpart: profile.email?.split('@')[0],
  };
  for (const field of LOCALPART_FIELDS) {
    if (template.includes(`{${field}}`) && !values[field]) {
      return {
        kind: 'impossible',
        reason: `the setting LOCALPART needs ${field}, which this user does not have`,
      };
    }
  }
  const text = template.replace(
    /\{(userName|externalId|emailLocalpart)\}/g,
    (_, field: LocalpartField) => values[field] ?? '',
  );
  const localpart = mapToLocalpart(text);
  if (/^\d+$/.test(localpart)) {
    return { kind: 'impossible', reason: `"${localpart}" has only digits, which Synapse keeps for guests` };
  }
  const account = parseUserId(userId(localpart, serverName));
  return account === undefined
    ? {
        kind: 'impossible',
        reason: `"@${localpart}:${serverName}" is longer than the 255 bytes of a Matrix id`,
      }
    : { kind: 'derived', account };
}
