import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A secret that is looked for, by what it is. */
export type Canaries = Readonly<Record<string, string>>;

/** Everything that was looked through, and where a canary was found in it. */
export type Search = {
  readonly look: (where: string, content: Buffer | string) => void;
  /** All files of a folder, also those beside a database. */
  readonly lookInto: (folder: string) => void;
  readonly found: () => readonly string[];
  readonly bytes: () => number;
  readonly places: () => readonly string[];
};

/** How a program may write a text, knowingly or not. */
export function formsOf(secret: string): Readonly<Record<string, string>> {
  const escaped = [...secret].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const base64At = (offset: number): string => {
    // Where a secret stands within a longer text, its letters fall on three different places of base64.
    const text = Buffer.from(`${'x'.repeat(offset)}${secret}`).toString('base64');
    return text.slice(offset === 0 ? 0 : 4, -4);
  };
  return {
    plain: secret,
    'in JSON': JSON.stringify(secret).slice(1, -1),
    'escaped in JSON': escaped.join(''),
    'URL-encoded': encodeURIComponent(secret),
    reversed: [...secret].reverse().join(''),
    hex: Buffer.from(secret).toString('hex'),
    base64: base64At(0),
    'base64, one letter in': base64At(1),
    'base64, two letters in': base64At(2),
    base64url: Buffer.from(secret).toString('base64url').slice(0, -3),
    'UTF-16': Buffer.from(secret, 'utf16le').toString('latin1'),
    'lower case': secret.toLowerCase(),
    'upper case': secret.toUpperCase(),
    'first half': secret.slice(0, Math.ceil(secret.length / 2)),
  };
}

export function searchFor(canaries: Canaries): Search {
  const wanted = Object.entries(canaries).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).map(([form, text]) => ({ what: `${name} ${form}`, text })),
  );
  const found: string[] = [];
  const places: string[] = [];
  let bytes = 0;
  const look = (where: string, content: Buffer | string): void => {
    const text = (typeof content === 'string' ? Buffer.from(content) : content).toString('latin1');
    bytes += text.length;
    places.push(where);
    for (const each of wanted) if (text.includes(each.text)) found.push(`${each.what} in ${where}`);
  };
  return {
    look,
    lookInto(folder) {
      for (const name of readdirSync(folder, { recursive: true }).map(String)) {
        if (statSync(join(folder, name)).isFile()) look(name, readFileSync(join(folder, name)));
      }
    },
    found: () => found,
    bytes: () => bytes,
    places: () => places,
  };
}
