import { describe, expect, it } from 'vitest';
import { ago, count, listed, span } from '../../src/desk/words.ts';

const NOW = Date.UTC(2026, 10, 22, 10, 0, 0);

describe('words for people', () => {
  it.each([
    [0, 'less than a second'],
    [999, 'less than a second'],
    [1000, '1 second'],
    [59_999, '59 seconds'],
    [3_600_000, '1 hour'],
    [48 * 3_600_000, '2 days'],
  ])('tells %d milliseconds as %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });

  it('tells how long ago, also if clocks differ', () => {
    expect([ago(NOW - 60_000, NOW), ago(NOW, NOW), ago(NOW + 5000, NOW)]).toEqual([
      '1 minute ago',
      'just now',
      'just now',
    ]);
  });

  it('counts and lists', () => {
    expect([count(1, 'person', 'people'), count(0, 'person', 'people'), count(2, 'room')]).toEqual([
      '1 person',
      '0 people',
      '2 rooms',
    ]);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });
});
