/** Wrong tokens that an address may send at once; whoever sets up a provider tries a few. */
const AT_ONCE = 30;
/** Milliseconds until one more is allowed. */
const ONE_MORE_MS = 2_000;
/** Addresses that are remembered: some megabytes. Of more, whoever was silent longest is forgotten. */
const MOST_ADDRESSES = 10_000;

/** Counts wrong tokens by address. Right ones are never counted: all providers may come from one proxy. */
export type Throttle = {
  /** A wrong token came. Whole seconds until the next one is looked at; 0 if this one still was. */
  readonly failed: (address: string) => number;
  /** The same, if one came now. */
  readonly wait: (address: string) => number;
};

type Bucket = { left: number; at: number };

/** `now` is in milliseconds; it may jump. */
export function createThrottle({ now }: { readonly now: () => number }): Throttle {
  const buckets = new Map<string, Bucket>();
  const refilled = (address: string): Bucket | undefined => {
    const bucket = buckets.get(address);
    if (bucket === undefined) return undefined;
    const at = now();
    bucket.left = Math.min(AT_ONCE, bucket.left + Math.max(0, at - bucket.at) / ONE_MORE_MS);
    bucket.at = at;
    return bucket;
  };
  const waitOf = (bucket: Bucket | undefined): number =>
    bucket === undefined || bucket.left >= 1 ? 0 : Math.ceil(((1 - bucket.left) * ONE_MORE_MS) / 1000);
  return {
    failed(address) {
      const bucket = refilled(address) ?? { left: AT_ONCE, at: now() };
      const seconds = waitOf(bucket);
      if (seconds === 0) bucket.left -= 1;
      // The order of the map is that of the last failure.
      buckets.delete(address);
      buckets.set(address, bucket);
      const [silent] = buckets.keys();
      if (buckets.size > MOST_ADDRESSES && silent !== undefined) buckets.delete(silent);
      return seconds;
    },
    wait: (address) => (buckets.size === 0 ? 0 : waitOf(refilled(address))),
  };
}
