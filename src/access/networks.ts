import { BlockList, isIP, isIPv6 } from 'node:net';

/** Whether an address (as a socket tells it) is in one of the networks. */
export type Networks = (address: string) => boolean;

const BITS = { ipv4: 32, ipv6: 128 } as const;

/**
 * `10.0.0.0/8`, `2001:db8::/32` or single addresses. An address of IPv4 that comes as one of IPv6 is still one of IPv4.
 * Throws `RangeError` for what is none.
 */
export function networksOf(texts: readonly string[]): Networks {
  const list = new BlockList();
  for (const text of texts) {
    const problem = networkProblem(text);
    if (problem !== undefined) throw new RangeError(`"${text}" ${problem}`);
    const [address = '', length] = text.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, length === undefined ? BITS[family] : Number(length), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Why a text is no network; undefined if it is one. */
export function networkProblem(text: string): string | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIPv6(address) ? BITS.ipv6 : BITS.ipv4;
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
  return isIP(address) !== 0 && !address.includes('%') && isLength && rest.length === 0
    ? undefined
    : 'is no address or network such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32';
}
