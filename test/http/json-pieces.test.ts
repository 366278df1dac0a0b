import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInPieces } from '../../src/http/json-pieces.ts';

const RUNS = 2_000;

/** What comes of a text by that parser; the order of attributes counts. */
async function outcome(parse: (text: string) => unknown, text: string): Promise<string> {
  try {
    return JSON.stringify(await parse(Buffer.from(text).toString()));
  } catch (error) {
    return error instanceof Error ? 'refused' : String(error);
  }
}

const byPieces = (piece: number) => (text: string) => parseInPieces(Buffer.from(text), piece);

/** A name with a number is shorter than the smallest piece here, as it always is in the service. */
const document = fc
  .jsonValue({ maxDepth: 6 })
  .filter((value) => typeof value === 'object' && value !== null)
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

/** Where a slip may happen. */
const slip = fc.record({
  at: fc.nat(),
  cut: fc.integer({ min: 0, max: 2 }),
  put: fc.constantFrom('', ',', ':', '[', ']', '{', '}', '"', '\\', ' ', '1', 'x'),
});

describe('a document that is parsed piece by piece', () => {
  it('is what JSON.parse makes of it, however small the pieces are', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.constantFrom(undefined, 1, '\t'),
        fc.integer({ min: 300, max: 600 }),
        async (value, space, piece) => {
          const text = JSON.stringify(Array(8).fill({ value }), undefined, space);
          expect(await outcome(byPieces(piece), text)).toBe(await outcome(JSON.parse, text));
          if (text.length > piece) seen += 1;
        },
      ),
      { numRuns: RUNS },
    );
    expect(seen).toBeGreaterThan(RUNS / 10);
  });

  it('is refused where JSON.parse refuses it', async () => {
    const seen = { refused: 0, parsed: 0 };
    await fc.assert(
      fc.asyncProperty(
        document,
        slip,
        fc.integer({ min: 300, max: 600 }),
        async (value, { at, cut, put }, piece) => {
          const whole = JSON.stringify(Array(8).fill({ value }));
          const place = at % whole.length;
          const text = whole.slice(0, place) + put + whole.slice(place + cut);
          if (text.includes('__proto__')) return;
          const expected = await outcome(JSON.parse, text);
          expect(await outcome(byPieces(piece), text)).toBe(expected);
          if (text.length > piece) seen[expected === 'refused' ? 'refused' : 'parsed'] += 1;
        },
      ),
      { numRuns: RUNS },
    );
    expect(Math.min(seen.refused, seen.parsed)).toBeGreaterThan(RUNS / 50);
  });

  it.each([
    '[1,2,3',
    '[1,2,3]]',
    '[1,2,3}',
    '[1,,2]',
    '[1,2,]',
    '[,1]',
    '[[1,2],]',
    '[[],[],]',
    '{"a":[1,2],}',
    '{"a":[1,2]"b":1}',
    '{"a" [1,2]}',
    '{"a":[1,2]} x',
    '{[1,2,3,4,5,6]}',
    '{"a":{"b":1}]',
    '["a" "b"]',
    '["a]',
    '{"a":1,"__proto__":{"b":[1,2,3]}}',
    '{"__proto__":[1,2,3,4,5]}',
    '   ',
  ])('is refused: %s', async (text) => {
    const long = text.replaceAll(' ', '        ');
    for (const piece of [4, 8, 12]) await expect(parseInPieces(Buffer.from(long), piece)).rejects.toThrow();
  });

  it('lets others have their turn', async () => {
    const members = Array.from({ length: 100_000 }, (_, index) => ({ value: `id-${index}`, type: 'User' }));
    const bytes = Buffer.from(JSON.stringify({ schemas: [], members, displayName: 'x' }));
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 0);
    const parsed = await parseInPieces(bytes);
    clearInterval(counting);
    expect(parsed).toEqual({ schemas: [], members, displayName: 'x' });
    expect(turns).toBeGreaterThan(3);
  });

  it('is refused if a text is longer than any that is kept, and if it is nested without end', async () => {
    const text = `{"a":"${'x'.repeat(9_000_000)}"}`;
    await expect(parseInPieces(Buffer.from(text))).rejects.toThrow('A text is longer');
    await expect(parseInPieces(Buffer.from('['.repeat(300_000)))).rejects.toThrow();
  });
});
