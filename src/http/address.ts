import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/** As IPv6 sockets name a peer of IPv4. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Whom a request is counted for: the one place where that is decided. It is who holds the other end of the connection,
 * and behind a proxy that is the proxy.
 */
export function addressOf({ socket }: IncomingMessage): string {
  return networkOf(socket.remoteAddress ?? 'unknown');
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
