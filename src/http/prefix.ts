/**
 * What stands before our own paths where people and providers reach us: the path of PUBLIC_URL, such as `/usher`, without a slash at
 * its end. Empty if nothing does.
 */
export function prefixOf(publicUrl: string | undefined): string {
  const path = publicUrl === undefined ? '' : new URL(publicUrl).pathname;
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * The target of a request without the prefix, so that a proxy may cut it off or leave it. What is ours as it came is left as it is: the
 * prefix may be called as one of our own paths is.
 */
export function withoutPrefix(
  target: string,
  { prefix, isOurs }: { readonly prefix: string; readonly isOurs: (path: string) => boolean },
): string {
  if (prefix === '' || !target.startsWith(prefix)) return target;
  const rest = target.slice(prefix.length);
  const [path = ''] = target.split('?', 1);
  if (!['/', '?', ''].includes(rest.charAt(0)) || isOurs(path)) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
