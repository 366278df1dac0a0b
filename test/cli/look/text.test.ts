import { describe, expect, it } from 'vitest';
import { fields, readSince, table, wrapped } from '../../../src/cli/look/text.ts';

const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);

describe('text for people', () => {
  it('aligns columns, by letters and not by bytes', () => {
    expect(
      table([
        ['äöü', '1', 'x'],
        ['a', '22', ''],
      ]),
    ).toEqual(['äöü  1   x', 'a    22']);
  });

  it('breaks lines between words, and never within one', () => {
    const long = 'x'.repeat(120);
    expect(wrapped(`a ${long} b`, 0)).toEqual(['a', long, 'b']);
    expect(fields([['Label', ['word '.repeat(40).trim()]]]).every((line) => line.length <= 100)).toBe(true);
    expect(fields([['A', ['1', '2']]])).toEqual(['A  1', '   2']);
  });

  it.each([
    ['90s', NOW - 90_000],
    ['2d', NOW - 2 * 86_400_000],
    ['1w', NOW - 7 * 86_400_000],
    ['2026-11-01', Date.UTC(2026, 10, 1)],
    ['2026-11-01 12:30', Date.UTC(2026, 10, 1, 12, 30)],
    ['2026-13-01', undefined],
    ['2', undefined],
    ['-2d', undefined],
    ['', undefined],
  ])('reads %j as a time', (text, at) => {
    expect(readSince(text, NOW)).toBe(at);
  });
});
