import { describe, expect, it } from 'vitest';
import { assertMatch, isKnown, versionOf } from '../../src/scim/version.ts';

describe('a version', () => {
  it('is a weak tag, as it does not tell of every octet', () => {
    expect(versionOf({ version: 3 }, undefined)).toBe('W/"3"');
    expect(versionOf({ version: 3 }, { groups: [] })).toMatch(/^W\/"3-[0-9a-f]{8}"$/);
  });

  it('is the same for the same, and another for anything else', () => {
    const shown = [
      undefined,
      {},
      { groups: [] },
      { groups: [{ value: 'g1' }] },
      { groups: [{ value: 'g2' }] },
    ];
    const versions = [1, 2].flatMap((version) => shown.map((each) => versionOf({ version }, each)));
    const again = [1, 2].flatMap((version) =>
      shown.map((each) => versionOf({ version }, structuredClone(each))),
    );

    expect(again).toEqual(versions);
    expect(new Set(versions).size).toBe(10);
  });
});

describe('If-Match', () => {
  const allows = (header: string | undefined) => () => assertMatch(header, { version: 12 });

  it.each<[string | undefined]>([
    [undefined],
    [''],
    ['*'],
    [' * '],
    ['W/"12"'],
    ['"12"'],
    ['W/"12-b1946ac9"'],
    ['W/"3", W/"12-b1946ac9"'],
    ['W/"3","12",W/"4"'],
    ['W/"a,b", W/"12"'],
  ])('lets a write of version 12 through with %s', (header) => {
    expect(allows(header)).not.toThrow();
  });

  it.each([
    'W/"11"',
    'W/"1"',
    'W/"2"',
    'W/"120"',
    'W/"-12"',
    'W/"b1946ac9-12"',
    '""',
    'W/""',
    '"*"',
    '12',
    'W/12',
    'nonsense',
    'W/"12',
    'W/"3", W/"4"',
  ])('stops it with %s', (header) => {
    expect(allows(header)).toThrow(expect.objectContaining({ status: 412, scimType: undefined }));
  });
});

describe('If-None-Match', () => {
  it.each([
    ['W/"2-0a"', 'W/"2-0a"'],
    ['"2-0a"', 'W/"2-0a"'],
    ['W/"1", W/"2-0a"', 'W/"2-0a"'],
    ['*', 'W/"2-0a"'],
    ['W/"2"', 'W/"2"'],
    // The whole was seen, and the part that is asked for depends on the number only: the example of RFC 7644 §3.14.
    ['W/"2-0a"', 'W/"2"'],
  ])('%s knows %s', (header, version) => {
    expect(isKnown(header, version)).toBe(true);
  });

  it.each<[string | undefined, string]>([
    [undefined, 'W/"2"'],
    ['', 'W/"2"'],
    ['W/"2"', 'W/"2-0a"'],
    ['W/"2-0b"', 'W/"2-0a"'],
    ['W/"1-0a"', 'W/"2-0a"'],
    ['W/"1-0a"', 'W/"2"'],
    ['W/"20-0a"', 'W/"2"'],
    ['2', 'W/"2"'],
    ['"*"', 'W/"2"'],
  ])('%s does not know %s', (header, version) => {
    expect(isKnown(header, version)).toBe(false);
  });
});
