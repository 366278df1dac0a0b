import { createHash } from 'node:crypto';
import type { Account, Image } from '../matrix/homeserver.ts';

/**
 * What came of an attempt to get a photo. `unusable` is for good, as long as its address is the same; `failed` may
 * pass. Reasons go on where a sentence about the photo ends, and never hold its address.
 */
export type PhotoAnswer =
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'unusable' | 'failed'; readonly reason: string };

/** Gets a photo by the URI that the provider gave. Never rejects. */
export type FetchPhoto = (uri: string) => Promise<PhotoAnswer>;

/** What is remembered of a photo: its address, or a digest if the address is the image itself. */
export function markOf(uri: string): string {
  if (!/^data:/i.test(uri)) return uri;
  return `data:sha256,${createHash('sha256').update(uri).digest('hex')}`;
}

/**
 * Whether an avatar may be replaced: there is none, or it is ours. `ours` is an `mxc://` URI, or two with a blank
 * between: while one takes the place of the other, either may be there.
 */
export function isOursToReplace(
  { avatarUrl }: Pick<Account, 'avatarUrl'>,
  ours: string | undefined,
): boolean {
  return avatarUrl === undefined || ours?.split(' ').includes(avatarUrl) === true;
}
