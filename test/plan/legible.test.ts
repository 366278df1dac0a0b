import { describe, expect, it } from 'vitest';
import { harmlessJson, harmlessLines, oneLine } from '../../src/plan/legible.ts';

describe('a text that others chose', () => {
  it.each([
    ['\u001b[31mred', '\ufffd[31mred'],
    ['a\nb\r\tc', 'a\ufffdb\ufffd\ufffdc'],
    ['\u009b2J\u007f', '\ufffd2J\ufffd'],
    ['user\u202etxt.exe\u2066\u061c', 'user\ufffdtxt.exe\ufffd\ufffd'],
    ['Zoë Łuk 李 عائشة 👩‍🚀', 'Zoë Łuk 李 عائشة 👩‍🚀'],
  ])('%j stands in a line as %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  it('keeps the lines that are ours', () => {
    expect(harmlessLines('a\n\tb\u001bc\u2028d')).toBe('a\n\tb\ufffdc\ufffdd');
  });

  it('is the same for who parses it as JSON, and harmless for who sees it', () => {
    const value = { name: 'a\u009b\u202e\u2028\u007f\n"\\', list: ['ü'] };
    const text = harmlessJson(value, 2);
    expect(JSON.parse(text)).toEqual(value);
    expect(harmlessLines(text)).toBe(text);
  });
});
