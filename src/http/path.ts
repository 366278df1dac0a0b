/** A path with one slash where several follow each other: a base URL may have been given with a slash at its end. */
export function withSingleSlashes(path: string): string {
  return path.replace(/\/{2,}/g, '/');
}

/** A path as the router takes it: whatever the case of its letters and the number of its slashes, also one at its end. */
export function asRouted(path: string): string {
  return withSingleSlashes(path)
    .toLowerCase()
    .replace(/(?<=.)\/$/, '');
}
