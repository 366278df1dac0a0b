import { BlockList, isIP } from 'node:net';

const LOCAL = new BlockList();
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('0.0.0.0', 8, 'ipv4'); // leads to this machine, too
LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL.addAddress('::1', 'ipv6');
LOCAL.addAddress('::', 'ipv6');
LOCAL.addSubnet('fe80::', 10, 'ipv6');
LOCAL.addAddress('fd00:ec2::254', 'ipv6'); // the metadata of a cloud, as 169.254.169.254 is

/** Whether a host is one to ask for a photo. `host` is a name, an IPv4 address, or an IPv6 address without brackets. */
export type IsAllowed = (host: string) => boolean;

/** Not this machine, and nothing link-local, where clouds keep credentials. Private networks are: providers live there. */
export const isNotLocal: IsAllowed = (host) => {
  const version = isIP(host);
  if (version === 0) return !/^(.*\.)?localhost\.?$/i.test(host);
  return !LOCAL.check(host, version === 4 ? 'ipv4' : 'ipv6');
};
