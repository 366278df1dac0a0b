import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { IsAllowed } from './allowed-host.ts';

/** The `code` of the error for a name that leads to an address which is not allowed. */
export const HOST_REFUSED = 'ERR_HOST_REFUSED';

/** The system's lookup, but for names that lead where nothing may be asked. Else a name could be put before any address. */
export function lookupOf(isAllowed: IsAllowed): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        return callback(Object.assign(new Error('host refused'), { code: HOST_REFUSED }), []);
      }
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
