import { describe, expect, it } from 'vitest';
import { isOursToReplace, markOf } from '../../src/plan/photo.ts';

describe('the mark of a photo', () => {
  it('is its address', () => {
    expect(markOf('https://x.org/a?token=b')).toBe('https://x.org/a?token=b');
    expect(markOf('https://x.org/data:image')).toBe('https://x.org/data:image');
  });

  it('is short if the address is the image, and another one for another image', () => {
    const [first, second] = [`data:image/png;base64,${'A'.repeat(9000)}`, 'DATA:image/png;base64,AAAB'];
    expect(markOf(first)).toMatch(/^data:sha256,[0-9a-f]{64}$/);
    expect(markOf(second)).toMatch(/^data:sha256,[0-9a-f]{64}$/);
    expect(markOf(first)).not.toBe(markOf(second));
  });
});

describe('an avatar', () => {
  it.each<[string | undefined, string | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, 'mxc://x/a', true],
    ['mxc://x/a', 'mxc://x/a', true],
    ['mxc://x/a', 'mxc://x/a mxc://x/b', true],
    ['mxc://x/b', 'mxc://x/a mxc://x/b', true],
    ['mxc://x/c', 'mxc://x/a mxc://x/b', false],
    ['mxc://x/c', undefined, false],
    ['mxc://x/a', 'mxc://x/ab', false],
  ])('%s may be replaced where %s is ours: %s', (avatarUrl, ours, isOurs) => {
    expect(isOursToReplace({ avatarUrl }, ours)).toBe(isOurs);
  });
});
