import { describe, expect, it } from 'vitest';
import { isSlip, nearest } from '../../src/plan/nearest.ts';

describe('the nearest name', () => {
  it.each([
    ['room', ['room'], 'room', 0],
    ['ROOM', ['room'], 'room', 0],
    ['romm', ['mode', 'room'], 'room', 1],
    ['rom', ['room'], 'room', 1],
    ['roomm', ['room'], 'room', 1],
    ['oom', ['room'], 'room', 1],
    ['mroo', ['room'], 'room', 2],
    ['abc', ['xyz'], 'xyz', 3],
    ['', ['xyz'], 'xyz', 3],
    ['xyz', [''], '', 3],
    ['kitten', ['sitting'], 'sitting', 3],
    ['sitting', ['kitten'], 'kitten', 3],
    ['bat', ['cat', 'rat'], 'cat', 1],
    ['bat', ['dog', 'rat', 'cat'], 'rat', 1],
  ])('to %j among %j is %j, %i letters away', (word, names, name, distance) => {
    expect(nearest(word, names)).toEqual({ name, distance });
  });

  it('is none among none', () => {
    expect(nearest('room', [])).toBeUndefined();
  });

  it.each([
    ['abcde', 0, true],
    ['abcde', 1, true],
    ['abcde', 2, false],
    ['abcdef', 2, true],
    ['abcdef', 3, false],
  ])('to %j, %i letters away, is a slip or not: %s', (word, distance, isOne) => {
    expect(isSlip(word, { name: 'any', distance })).toBe(isOne);
  });
});
