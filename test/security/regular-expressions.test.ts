import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allExpressions, expressionsIn, type Found, sourceFiles } from '../support/regular-expressions.ts';
import { pick, randomFrom } from '../support/scim/random.ts';

/** Those that take the square of a text's length: with what text, and why nobody but an admin can make use of it. */
const ACCEPTED: Readonly<Record<string, { readonly pump: string; readonly why: string }>> = {
  'config/notices.ts /_(SERVICE_(HOST|PORT\\w*)|PORT(_\\d+_(TCP|UDP)\\w*)?)$/': {
    ...{ pump: '_SERVICE_PORT', why: 'names of variables of our own environment' },
  },
  'config/values.ts /\\/+$/': { pump: '/', why: 'a setting' },
  'http/app.ts /\\/+$/': { pump: '/', why: 'settings: BASE_PATH and PUBLIC_URL' },
  'rest/client.ts /\\/+$/': { pump: '/', why: 'a setting: MATRIX_URL' },
  'plan/group-map-layout.ts /[ \\t]*$/': {
    ...{ pump: ' ', why: 'the group map, which its owner edits by a command' },
  },
  'scim/attribute-path.ts /^(urn:.+:\\d+(?:\\.\\d+)*:[a-z]\\w*)(?::(.+))?$/i': {
    ...{ pump: ':0:a:', why: 'a path of at most 500 characters, see MAX_LENGTH there' },
  },
};
/** Of the square of so many, no machine is done soon. */
const PUMPS = 12_000;

/** Characters. Short texts find what is exponential, and middling ones tell which are worth a long one. */
const SHORT = [20, 24, 28];
const MIDDLING = 1_000;
const LONG = 30_000;
/** Milliseconds: what is linear takes a hundredth for the middling text and one for the long one, the square hundreds. */
const SUSPICIOUS = 0.05;
const MOST = 60;
const CHARACTERS = [...' \t\n/aAzZ09_-.:;,"\\=+*{}()[]<>@!#%~$&|^?\u0300ü'];

function nameOf({ where, source, flags }: Found): string {
  return `${where} /${source}/${flags}`;
}

/** What a hostile text may repeat: letters and words of the expression, and what its classes allow. */
function pumpsFor({ source }: Found): readonly string[] {
  const words = source.match(/[A-Za-z_:]{2,}/g) ?? [];
  const random = randomFrom(source.length);
  const mixed = Array.from({ length: 40 }, () => {
    const letters = [...(source.replace(/\\[a-zA-Z]/g, '0a ') || 'a')];
    return Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random, letters)).join('');
  });
  return [...new Set([...CHARACTERS, ...words, ':0:a::', '_SERVICE_PORT', '""', '\\"', ...mixed])];
}

function prefixesFor({ source }: Found): readonly string[] {
  const literal = /^\^?\(?((?:[\w:"/@#!<-]|\\[/"])*)/.exec(source)?.[1]?.replaceAll('\\', '') ?? '';
  return [...new Set(['', literal, `${literal}a`, 'urn:u', '"', '@a', '=', ' '])];
}

/** Milliseconds at least, of two attempts if the first was slow. */
function timeOf(expression: RegExp, text: string): number {
  const once = (): number => {
    const begin = performance.now();
    expression.lastIndex = 0;
    if (expression.global) text.replaceAll(expression, '');
    else expression.exec(text);
    return performance.now() - begin;
  };
  const first = once();
  return first < MOST || first > 10 * MOST ? first : Math.min(first, once(), once());
}

/** Stops at the first length that takes too long: an exponential one would not end at the next. */
function isSlow(timeAt: (length: number) => number): boolean {
  if (SHORT.some((length) => timeAt(length) > MOST)) return true;
  const middling = timeAt(MIDDLING);
  return middling > MOST || (middling > SUSPICIOUS && timeAt(LONG) > MOST);
}

/** A text that takes it too long; undefined if none was found. Lengths grow, so that an exponential one ends, too. */
function slowTextFor(found: Found): string | undefined {
  const expression = new RegExp(found.source, found.flags);
  for (const pump of pumpsFor(found)) {
    for (const prefix of prefixesFor(found)) {
      for (const end of ['\0', '\n\0']) {
        const textOf = (length: number) => `${prefix}${pump.repeat(Math.ceil(length / pump.length))}${end}`;
        if (isSlow((length) => timeOf(expression, textOf(length))))
          return JSON.stringify([prefix, pump, end]);
      }
    }
  }
  return undefined;
}

function constructorsIn(file: string): readonly string[] {
  const calls = readFileSync(file, 'utf8').match(/(?:new )?\bRegExp\([^)]*\)/g) ?? [];
  return calls.map((call) => `${file.replace(/^.*\/src\//, '')}: ${call}`);
}

describe('the regular expressions of the sources', { timeout: 120_000 }, () => {
  const all = allExpressions();

  it('are all found: each is looked at in every file that has one', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(new Set(all.map(({ where }) => where)).size).toBeGreaterThan(45);
    expect(sourceFiles().length).toBeGreaterThan(250);
    for (const { source, flags } of all) expect(() => new RegExp(source, flags)).not.toThrow();
  });

  it('take a time that grows as the text does, but for those that are listed with a reason', () => {
    const slow = all.flatMap((found) => {
      if (nameOf(found) in ACCEPTED) return [];
      const text = slowTextFor(found);
      return text === undefined ? [] : [`${nameOf(found)} takes too long with ${text}`];
    });
    expect(slow).toEqual([]);
  });

  it('that are listed are there, and are slow', () => {
    for (const [name, { pump }] of Object.entries(ACCEPTED)) {
      const found = all.find((each) => nameOf(each) === name);
      expect(found, `${name} is gone: take it off the list`).toBeDefined();
      if (found === undefined) continue;
      const begins = name.includes('urn:') ? 'urn:a' : '';
      const text = `${begins}${pump.repeat(PUMPS)}\0\n\0`;
      expect(timeOf(new RegExp(found.source, found.flags), text), name).toBeGreaterThan(MOST);
    }
  });

  // Times are measured: a machine that is busy just then hides what is slow.
  it('would be found to be slow', { retry: 4 }, () => {
    for (const source of ['^(a+)+$', '(x|x)*y', '\\s*$', '^.*:.*:.*!$']) {
      expect(slowTextFor({ where: '', source, flags: '' }), source).toBeDefined();
    }
  });

  it('are made of texts nowhere', () => {
    const made = sourceFiles().flatMap((file) => constructorsIn(file));
    expect(made).toEqual(['scim/tokens.ts: new RegExp(TOKEN)']);
  });
});

describe('the search for regular expressions', () => {
  it.each([
    ['const a = /x/g; // not /this/', ['x']],
    ['const a = b / c / d; /* nor /that/ */', []],
    ["const a = 'no /text/'; f(/y[/]z/, `no /t/ $" + "{x.replace(/in/, '')} /no/`)", ['y[/]z', 'in']],
    ['const f = () => { return /a\\/b/.test(x) ? /c/ : /d/i; }', ['a\\/b', 'c', 'd']],
    ['const f = (x: string): boolean => /e/.test(x as string);', ['e']],
  ])('in %j finds %j', (program, sources) => {
    expect(expressionsIn(program, 'x').map(({ source }) => source)).toEqual(sources);
  });
});
