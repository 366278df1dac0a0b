import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Of an OAuth 2.0 session, of a session by the old login, of a personal session. */
export type TokenPrefix = 'mat' | 'mct' | 'mpt';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A token as MAS writes one: `mat_`, 30 random characters, and a checksum. */
export function makeToken(prefix: TokenPrefix): string {
  const random = Array.from({ length: 30 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return `${prefix}_${random}_${checksum(`${prefix}_${random}`)}`;
}

/** Whether it is written like a token of MAS; no other is looked up. */
export function isToken(text: string): boolean {
  const [, base, sum] = /^((?:mat|mct|mpt)_[^_]{30})_([^_]{6})$/.exec(text) ?? [];
  return base !== undefined && sum === checksum(base);
}

/** In base 62, the last digit first. */
function checksum(text: string): string {
  let digits = '';
  for (let rest = crc32(text); rest > 0; rest = Math.floor(rest / 62)) digits += ALPHABET[rest % 62];
  return digits.padStart(6, '0');
}
