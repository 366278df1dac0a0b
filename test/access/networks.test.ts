import { describe, expect, it } from 'vitest';
import { networkProblem, networksOf } from '../../src/access/networks.ts';

describe('networks', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.7/32', '192.0.2.7', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['2001:db8::/32', '2001:db8:1::9', true],
    ['2001:db8::/32', '2001:db9::9', false],
    ['2001:db8::9', '2001:db8:0::9', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::9', false],
    ['10.0.0.0/8', 'unknown', false],
    ['10.0.0.0/8', '', false],
  ])('%s has %s: %s', (network, address, isInside) => {
    expect(networksOf([network])(address)).toBe(isInside);
    expect(networksOf(['198.51.100.0/24', network])(address)).toBe(isInside);
  });

  it('that are none have nobody', () => {
    expect(networksOf([])('127.0.0.1')).toBe(false);
  });

  it.each([
    ...['', 'example.com', '10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0/a'],
    ...['2001:db8::/129', '2001:db8::g', 'fe80::1%eth0', ' 10.0.0.1', '10.0.0.0/0x8', '/8'],
  ])('are not written "%s"', (text) => {
    expect(networkProblem(text)).toMatch(/is no address or network/);
    expect(() => networksOf([text])).toThrow(RangeError);
  });

  it.each(['10.0.0.0/0', '10.0.0.0/32', '::/0', '::1/128', '::ffff:10.0.0.1'])(
    'may be written %s',
    (text) => {
      expect(networkProblem(text)).toBeUndefined();
    },
  );
});
