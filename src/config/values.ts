import { createPrivateKey } from 'node:crypto';
import { type Networks, networkProblem, networksOf } from '../access/networks.ts';
import { sourceProblem } from '../access/token.ts';
import type { SourceId } from '../directory/resource.ts';
import {
  parseRoomAlias,
  parseRoomId,
  parseUserId,
  type RoomAlias,
  type RoomId,
  type UserId,
} from '../matrix/ids.ts';
import { type GroupMap, GroupMapError } from '../plan/group-map.ts';
import { parseGroupMap } from '../plan/group-map-parse.ts';
import { isSlip, nearest } from '../plan/nearest.ts';
import type { Ladder, Step } from '../plan/offboarding.ts';

/** A value, or why the text is none; each problem goes on where the setting's name ends ("must be …"). */
type Parsed<T> = { readonly value: T } | { readonly problems: readonly string[] };

/** The text of a file. Throws if it cannot be read. */
export type ReadFile = (path: string) => string;

/** Reads the text of a setting, which is trimmed and not empty. */
export type Parser<T> = (text: string, readFile: ReadFile) => Parsed<T>;

/** What `.env.example` has in the place of a secret; never accepted. */
export const SECRET_PLACEHOLDER = 'change-me';
const LOCALPART_PLACEHOLDERS: readonly string[] = ['userName', 'externalId', 'emailLocalpart'];

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2 };

function good<T>(value: T): Parsed<T> {
  return { value };
}

function bad(problem: string): Parsed<never> {
  return { problems: [problem] };
}

export const text: Parser<string> = good;

export function secret(rule: { readonly minimumLength: number; readonly hint: string }): Parser<string> {
  return (value) => {
    if (value === SECRET_PLACEHOLDER) return bad(`is still the placeholder of .env.example: ${rule.hint}`);
    if (/\s/.test(value)) return bad(`must not contain blanks or line breaks: ${rule.hint}`);
    if (value.length < rule.minimumLength) {
      return bad(`must have at least ${rule.minimumLength} characters: ${rule.hint}`);
    }
    return good(value);
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Parser<T> {
  return (given) => {
    const value = values.find((candidate) => candidate === given);
    return value === undefined ? bad(`must be one of ${values.join(', ')}`) : good(value);
  };
}

export const flag: Parser<boolean> = (value) =>
  value === 'true' || value === 'false' ? good(value === 'true') : bad('must be true or false');

export function wholeNumber(minimum: number, maximum: number): Parser<number> {
  return (value) => {
    const number = Number(value);
    return /^\d+$/.test(value) && number >= minimum && number <= maximum
      ? good(number)
      : bad(`must be a whole number from ${minimum} to ${maximum}`);
  };
}

/** Milliseconds, from a whole number and a unit; the limits are written the same way. */
export function duration(minimum: string, maximum: string): Parser<number> {
  return quantity(UNIT_MS, minimum, maximum);
}

/** Bytes, from a whole number and a unit; the limits are written the same way. */
export function size(minimum: string, maximum: string): Parser<number> {
  return quantity(UNIT_BYTES, minimum, maximum);
}

function quantity(units: Readonly<Record<string, number>>, minimum: string, maximum: string): Parser<number> {
  const amount = (given: string): number => {
    const [, digits, unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(given) ?? [];
    return Number(digits) * (Object.hasOwn(units, unit) ? (units[unit] ?? Number.NaN) : Number.NaN);
  };
  const rule = `must be a whole number and a unit (${Object.keys(units).join(', ')})`;
  return (given) => {
    const value = amount(given);
    if (Number.isNaN(value)) return bad(rule);
    return value >= amount(minimum) && value <= amount(maximum)
      ? good(value)
      : bad(`must be from ${minimum} to ${maximum}`);
  };
}

/** `https://host:port`, without a slash at the end. */
export const origin: Parser<string> = (given) => {
  const url = httpUrl(given);
  return url?.pathname === '/' ? good(url.origin) : bad('must be an http or https URL without a path');
};

/** An absolute URL, possibly with a path, without a slash at the end. */
export const baseUrl: Parser<string> = (given) => {
  const url = httpUrl(given);
  return url
    ? good(`${url.origin}${url.pathname}`.replace(/\/+$/, ''))
    : bad('must be an absolute http or https URL without a query');
};

/** An absolute URL as it is, also with a slash at its end: issuers are compared letter by letter. */
export const exactUrl: Parser<string> = (given) =>
  httpUrl(given) ? good(given) : bad('must be an absolute http or https URL without a query');

/** An absolute URL that something is posted to, possibly with a query; it may hold a secret. */
export const webhookUrl: Parser<string> = (given) => {
  const url = URL.parse(given);
  const isPlain = url && ['http:', 'https:'].includes(url.protocol) && !/[#@]/.test(given);
  return isPlain ? good(given) : bad('must be an absolute http or https URL without a user name or fragment');
};

/** An alias or id; `%23` stands for the `#` that begins a comment elsewhere. */
export const room: Parser<RoomAlias | RoomId> = (given) => {
  const name = given.replace(/^%23/, '#');
  const id = parseRoomAlias(name) ?? parseRoomId(name);
  return id ? good(id) : bad('must be an alias such as #room:example.com, or the id of a room');
};

/** What tells one provider from another: in the database, and in `usher status`. */
export const source: Parser<SourceId> = (given) => {
  const problem = sourceProblem(given);
  return problem === undefined ? good(given as SourceId) : bad(problem);
};

function httpUrl(given: string): URL | undefined {
  const url = URL.parse(given);
  const plain = url && ['http:', 'https:'].includes(url.protocol) && !/[?#@]/.test(given);
  return plain ? url : undefined;
}

/** `/scim/v2`, without a slash at the end; empty for the root. */
export const basePath: Parser<string> = (given) =>
  /^(\/[\w.~-]+)*\/?$/.test(given)
    ? good(given.replace(/\/$/, ''))
    : bad('must be a path that begins with a slash, of letters, digits and . _ ~ -');

/** Matrix spec, appendix "Server name": a host or an IP literal, and possibly a port. */
export const serverName: Parser<string> = (given) =>
  /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(given)
    ? good(given)
    : bad('must be a server name alone: what follows the colon in @ann:example.com');

export const fullUserId: Parser<UserId> = (given) => {
  const id = parseUserId(given);
  return id ? good(id) : bad('must be a full Matrix user id');
};

/** A template for localparts with at least one placeholder such as `{userName}`. */
export const localpartTemplate: Parser<string> = (given) => {
  const names = [...given.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  if (names.length === 0 || /[{}]/.test(given.replace(/\{[^{}]*\}/g, ''))) {
    return bad(`must contain a placeholder: ${listed(LOCALPART_PLACEHOLDERS)}`);
  }
  const problems = names
    .filter((name) => !LOCALPART_PLACEHOLDERS.includes(name))
    .map((name) => {
      const known = nearest(name, LOCALPART_PLACEHOLDERS);
      const meant = known && isSlip(name, known) ? [known.name] : LOCALPART_PLACEHOLDERS;
      return `has the unknown placeholder {${name}}: write ${listed(meant)}`;
    });
  return problems.length > 0 ? { problems } : good(given);
};

function listed(placeholders: readonly string[]): string {
  return placeholders.map((name) => `{${name}}`).join(' or ');
}

/** A group map as the text itself. */
export const groupMap: Parser<{ readonly map: GroupMap; readonly text: string }> = (given) => {
  try {
    return good({ map: parseGroupMap(given), text: given });
  } catch (error) {
    if (!(error instanceof GroupMapError)) throw error;
    return {
      problems: error.problems.map(
        ({ line, column, message }) => `is no group map: line ${line}, column ${column}: ${message}`,
      ),
    };
  }
};

/** The certificates in a PEM file, as text. */
export const pemFile: Parser<string> = (path, readFile) => {
  try {
    const pem = readFile(path);
    return pem.includes('-----BEGIN CERTIFICATE-----')
      ? good(pem)
      : bad('must name a PEM file with certificates (-----BEGIN CERTIFICATE-----)');
  } catch (error) {
    return bad(`names a file that cannot be read: ${reasonOf(error)}`);
  }
};

/** The private key in a PEM file, as text: of a kind that client assertions are signed with. */
export const privateKeyFile: Parser<string> = (path, readFile) => {
  const expected = 'must name a PEM file with a private key (RSA, P-256 or P-384), without a passphrase';
  try {
    const pem = readFile(path);
    return isSigningKey(pem) ? good(pem) : bad(expected);
  } catch (error) {
    return bad(`names a file that cannot be read: ${reasonOf(error)}`);
  }
};

function isSigningKey(pem: string): boolean {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails } = createPrivateKey(pem);
    const curve = asymmetricKeyDetails?.namedCurve ?? '';
    return type === 'rsa' || ['prime256v1', 'secp384r1'].includes(curve);
  } catch {
    return false;
  }
}

/** A ULID, as MAS names what it has: 26 letters and digits (Crockford's Base32). */
export const ulid: Parser<string> = (given) =>
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i.test(given)
    ? good(given.toUpperCase())
    : bad('must be a ULID: 26 letters and digits such as 01J44RKQYM4G3TNVANTMTDYTX6');

/** Why a file could not be read, without its path: somebody may have put a secret where a path belongs. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

const STEPS: readonly Step[] = ['rooms', 'suspend', 'lock', 'deactivate', 'erase'];
const LONGEST_DELAY = '3650d';

/**
 * What becomes of somebody who left, step by step: `lock, deactivate after 30d`. A step without a time is taken at once;
 * `nothing` (and `rooms`, unless it has a time) only takes the rooms.
 */
export const ladder: Parser<Ladder> = (value, readFile) => {
  if (value === 'nothing') return good([]);
  const steps: { readonly step: Step; readonly afterMs: number }[] = [];
  for (const part of value.split(',').map((each) => each.trim())) {
    const [, name, delay] = /^([a-z]+)(?: +after +(\d+[smhd]))?$/.exec(part) ?? [];
    const step = STEPS.find((known) => known === name);
    if (step === undefined) {
      return bad(
        `must be nothing, or steps of ${STEPS.join(', ')} such as "lock, deactivate after 30d"; "${part}" is none`,
      );
    }
    const parsed = delay === undefined ? good(0) : duration('0s', LONGEST_DELAY)(delay, readFile);
    if ('problems' in parsed) return bad(`has "${part}": the time must be at most ${LONGEST_DELAY}`);
    const afterMs = parsed.value;
    const before = steps.at(-1);
    if (before !== undefined && STEPS.indexOf(before.step) >= STEPS.indexOf(step)) {
      return bad(
        `has ${step} after ${before.step}: each step takes more than the one before (${STEPS.join(', ')})`,
      );
    }
    if (before !== undefined && before.afterMs > afterMs) {
      return bad(`has ${step} sooner than ${before.step}, which takes less: give it a later time`);
    }
    steps.push({ step, afterMs });
  }
  return good(steps);
};

/** Addresses and networks, separated by commas. */
export const networks: Parser<Networks> = (value) => {
  const all = value.split(',').map((each) => each.trim());
  const problems = all.flatMap((each) => {
    const problem = networkProblem(each);
    return problem === undefined ? [] : [`has "${each}", which ${problem}`];
  });
  return problems.length > 0 ? { problems } : good(networksOf(all));
};

/** Whether a Matrix id is one of those that are named, or fits a pattern of them. */
export type UserPatterns = (userId: UserId) => boolean;

/** A Matrix id with `*` and `?`, as far as a server name can have them. */
const USER_PATTERN = /^@([^:\s]+):([\w.*?-]+|\[[\dA-Fa-f:.]+\])(:\d{1,5})?$/;

/** Matrix ids, separated by commas; `*` stands for any text, `?` for one letter. */
export const userPatterns: Parser<UserPatterns> = (value) => {
  const patterns = value.split(',').map((each) => each.trim());
  const problems = patterns.flatMap((pattern) => {
    const [, localpart] = USER_PATTERN.exec(pattern) ?? [];
    if (localpart === undefined) {
      return [`must be Matrix ids such as @boss:example.com or @bot-*:example.com; "${pattern}" is none`];
    }
    return /^[*?]*$/.test(localpart)
      ? [`has "${pattern}", which protects everybody: nobody would ever be removed. Name whom it is about`]
      : [];
  });
  if (problems.length > 0) return { problems };
  return good((userId) => patterns.some((pattern) => fits(userId, pattern)));
};

/**
 * `*` stands for any text, `?` for one letter. By hand, since a regular expression with several stars takes the power of
 * their number, and whoever chooses user names chooses what is matched. Only the last star ever has to take more.
 */
function fits(text: string, pattern: string): boolean {
  let [at, wanted] = [0, 0];
  let star: { readonly wanted: number; at: number } | undefined;
  while (at < text.length) {
    if (pattern[wanted] === '*') {
      star = { wanted, at };
      wanted += 1;
    } else if (pattern[wanted] === '?' || pattern[wanted] === text[at]) {
      at += 1;
      wanted += 1;
    } else if (star !== undefined) {
      star.at += 1;
      at = star.at;
      wanted = star.wanted + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(wanted));
}
