import { hash } from 'node:crypto';
import type { Resource } from '../directory/resource.ts';
import { ScimError } from './error.ts';

/**
 * The entity tag of a representation (RFC 7644 §3.14), such as `W/"3"` or `W/"3-b1946ac9"`: the number of the change
 * to what providers wrote, and a digest of what is shown beside it (a user's groups, the Matrix side), if anything.
 */
export function versionOf({ version }: Pick<Resource, 'version'>, shown: unknown): string {
  const digest = shown === undefined ? '' : `-${hash('sha1', JSON.stringify(shown)).slice(0, 8)}`;
  return `W/"${version}${digest}"`;
}

/**
 * Throws `ScimError` 412 if the header `If-Match` is there and names no version of the resource as it is. Only what
 * providers wrote counts: no write of theirs is lost when the Matrix side has changed meanwhile.
 */
export function assertMatch(ifMatch: string | undefined, { version }: Pick<Resource, 'version'>): void {
  if (ifMatch === undefined || ifMatch === '' || ifMatch.trim() === '*') return;
  const isNamed = tagsIn(ifMatch).some((tag) => tag === `${version}` || tag.startsWith(`${version}-`));
  if (!isNamed) throw new ScimError(412, undefined, 'The resource has changed: read it again');
}

/**
 * Whether the header `If-None-Match` names the representation: the client has it already. A part that shows nothing
 * but what providers wrote is known to whoever has seen that, also with more beside it (the example of RFC 7644 §3.14).
 */
export function isKnown(ifNoneMatch: string | undefined, version: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch === '') return false;
  const [current = ''] = tagsIn(version);
  const isNamed = (tag: string) => tag === current || tag.startsWith(`${current}-`);
  return ifNoneMatch.trim() === '*' || tagsIn(ifNoneMatch).some(isNamed);
}

/** What stands in the quotation marks; strong and weak tags compare alike (RFC 9110 §8.8.3.2). */
function tagsIn(header: string): readonly string[] {
  return [...header.matchAll(/"([^"]*)"/g)].map(([, tag]) => tag ?? '');
}
