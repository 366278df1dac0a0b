import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userPatterns } from '../../src/config/values.ts';
import type { UserId } from '../../src/matrix/ids.ts';

function isProtected(patterns: string, user: string): boolean {
  const parsed = userPatterns(patterns, () => '');
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.value(user as UserId);
}

describe('a pattern of protected users', () => {
  it('means what the regular expression of it means', () => {
    const letters = (extra: string) => fc.string({ unit: fc.constantFrom(...`ab.${extra}`), maxLength: 8 });
    let matched = 0;
    fc.assert(
      fc.property(letters('*?'), letters(''), (pattern, localpart) => {
        const escaped = pattern.replaceAll('.', '\\.').replace(/\*+/g, '.*').replaceAll('?', '.');
        const expected = new RegExp(`^@x${escaped}:s$`).test(`@x${localpart}:s`);
        if (expected) matched += 1;
        expect(isProtected(`@x${pattern}:s`, `@x${localpart}:s`)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it('costs next to nothing, however many stars it has and whatever user names are chosen', () => {
    const begin = performance.now();
    for (let times = 0; times < 100; times += 1) {
      expect(isProtected('@a*-*-*-*-*-*-*-*z:example.com', `@a${'-'.repeat(230)}:example.com`)).toBe(false);
    }
    expect(performance.now() - begin).toBeLessThan(500);
  });
});
