import { BlockList, isIP } from 'node:net';

/** This machine, and where clouds keep credentials and settings of a machine: link-local, or at an address of their own. */
const LOCAL_IPV4: readonly (readonly [address: string, bits: number])[] = [
  ['127.0.0.0', 8],
  ['0.0.0.0', 8], // leads to this machine, too
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
];
const LOCAL_IPV6: readonly (readonly [address: string, bits: number])[] = [
  ['::1', 128],
  ['::', 128],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
];

/** What IPv4 addresses stand behind in IPv6: RFC 4291 §2.5.5.1, RFC 2765 §2.1, RFC 6052 §2.1, RFC 8215 (mapped ones are known to Node). */
const BEFORE_IPV4 = ['::', '::ffff:0:', '64:ff9b::', '64:ff9b:1::'];

const LOCAL = new BlockList();
for (const [address, bits] of LOCAL_IPV6) LOCAL.addSubnet(address, bits, 'ipv6');
for (const [address, bits] of LOCAL_IPV4) {
  LOCAL.addSubnet(address, bits, 'ipv4');
  for (const prefix of BEFORE_IPV4) LOCAL.addSubnet(`${prefix}${address}`, 96 + bits, 'ipv6');
  LOCAL.addSubnet(`2002:${hexOf(address)}::`, 16 + bits, 'ipv6'); // RFC 3056 §2
}

/** `127.0.0.1` as `7f00:0001`. */
function hexOf(address: string): string {
  const digits = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return `${digits.slice(0, 2).join('')}:${digits.slice(2).join('')}`;
}

/** Whether a host is one to ask for a photo. `host` is a name, an IPv4 address, or an IPv6 address without brackets. */
export type IsAllowed = (host: string) => boolean;

/** Not this machine, and nothing link-local, where clouds keep credentials. Private networks are: providers live there. */
export const isNotLocal: IsAllowed = (host) => {
  const version = isIP(host);
  if (version === 0) return !/^(.*\.)?localhost\.?$/i.test(host);
  return !LOCAL.check(host, version === 4 ? 'ipv4' : 'ipv6');
};
