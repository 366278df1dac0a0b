const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Makes ids of MAS: in the order of their making, whatever the clock (milliseconds since 1970) does within one. */
export function createUlids(now: () => number): () => string {
  let made = 0;
  return () => {
    made += 1;
    return base32(now(), 10) + base32(made, 16);
  };
}

/** In upper case; undefined if it is not one. */
export function parseUlid(text: string): string | undefined {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i.test(text) ? text.toUpperCase() : undefined;
}

/** Milliseconds since 1970 as MAS writes them: without a fraction that is zero. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function base32(number: number, length: number): string {
  let text = '';
  for (let rest = number; rest > 0; rest = Math.floor(rest / 32)) text = `${ALPHABET[rest % 32]}${text}`;
  return text.padStart(length, '0');
}
