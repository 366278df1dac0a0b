import { describe, expect, it } from 'vitest';
import { createMarks } from '../../../src/cli/tracing/marks.ts';

describe('what marked whom', () => {
  it('is told once, oldest first, and each once', () => {
    const marks = createMarks<string>({ subjects: 10, each: 10 });
    marks.add(['ann', 'bob'], 'first');
    marks.add(['ann'], 'second');
    marks.add(['ann'], 'first');
    expect(marks.take('ann')).toEqual(['first', 'second']);
    expect(marks.take('ann')).toEqual([]);
    expect(marks.take('bob')).toEqual(['first']);
  });

  it('is forgotten of who was marked first when they are too many, and of each the oldest', () => {
    const marks = createMarks<number>({ subjects: 2, each: 3 });
    for (const mark of [1, 2, 3, 4]) marks.add(['ann'], mark);
    marks.add(['bob', 'cem'], 5);
    expect(marks.take('ann')).toEqual([]);
    expect(marks.take('cem')).toEqual([5]);
    for (const mark of [1, 2, 3, 4]) marks.add(['bob'], mark);
    expect(marks.take('bob')).toEqual([2, 3, 4]);
  });
});
