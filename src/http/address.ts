import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import proxyAddress from 'proxy-addr';
import type { Networks } from '../access/networks.ts';

/** As IPv6 sockets name a peer of IPv4. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Where a request comes from: an address of IPv4 or IPv6. */
export type AddressOf = (request: IncomingMessage) => string;

/**
 * Whom a request is counted for: the one place where that is decided. It is who holds the other end of the connection;
 * if that is one of our proxies, whom it names in `X-Forwarded-For`, and so on from the last name to the first.
 */
export function createAddressOf(isProxy: Networks | undefined): AddressOf {
  const trust: Networks = isProxy ?? (() => false);
  return (request) => {
    if (request.socket.remoteAddress === undefined) return 'unknown'; // it is gone already
    const address = proxyAddress(request, trust);
    return MAPPED.exec(address)?.[1] ?? address;
  };
}

/** Of IPv6 the first 64 bits: whoever has one address there has all of them. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const mapped = MAPPED.exec(plain)?.[1];
  if (mapped !== undefined || !isIPv6(plain)) return mapped ?? plain;
  const [left = '', right] = plain.split('::');
  const [before, after] = [groupsOf(left), groupsOf(right ?? '')];
  const between = right === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(between).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function groupsOf(text: string): readonly string[] {
  const groups = text === '' ? [] : text.split(':');
  // The last 32 bits may be written as in IPv4: two groups.
  return groups.flatMap((group) =>
    group.includes('.') ? ['0', '0'] : [Number.parseInt(group, 16).toString(16)],
  );
}
