import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, Image } from '../matrix/homeserver.ts';
import type { SetAvatar } from '../plan/change.ts';
import { type FetchPhoto, markOf, type PhotoAnswer } from '../plan/photo.ts';
import type { AccountLink, Store } from '../store/store.ts';

/** Why there is no new avatar. Of a photo that is `unusable` it is written down that it was tried. */
export type PhotoTrouble = Exclude<PhotoAnswer, { readonly kind: 'image' }>;

/** Makes a photo somebody's avatar, and writes down that it is ours. Rejects with a `HomeserverError`. */
export type AvatarSetter = (change: SetAvatar) => Promise<PhotoTrouble | undefined>;

type Deps = {
  readonly store: Pick<Store, 'people'>;
  readonly homeserver: Pick<Homeserver, 'upload' | 'updateAccount'>;
  readonly fetchPhoto: FetchPhoto;
};

export function createAvatarSetter({ store, homeserver, fetchPhoto }: Deps): AvatarSetter {
  const { people } = store;

  const save = async ({ account }: SetAvatar, fields: Partial<AccountLink>): Promise<void> => {
    for (const link of await people.linksOf(account)) await people.saveLink({ ...link, ...fields });
  };

  /** In between, what is there may be the old one or the new one: both are written down as ours. */
  const set = async (change: SetAvatar, image: Image): Promise<void> => {
    const avatar = await homeserver.upload(image);
    await save(change, { avatar: change.replaces === undefined ? avatar : `${change.replaces} ${avatar}` });
    await homeserver.updateAccount(change.account, { avatarUrl: avatar });
    await save(change, { avatar, photo: markOf(change.photo) });
  };

  return async (change) => {
    const answer = await fetchPhoto(change.photo);
    if (answer.kind === 'failed') return answer;
    const trouble = answer.kind === 'image' ? await refusalOf(() => set(change, answer.image)) : answer;
    // Not asked for again before its address changes.
    if (trouble !== undefined) await save(change, { avatar: change.replaces, photo: markOf(change.photo) });
    return trouble;
  };
}

/** A homeserver may have limits of its own to size and kind of avatars. */
async function refusalOf(attempt: () => Promise<void>): Promise<PhotoTrouble | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.kind !== 'refused') throw error;
    return { kind: 'unusable', reason: `the homeserver does not take it (${error.message})` };
  }
}

/** Those who were pushed before avatars were switched on have photos that nobody has looked at. */
export async function noticeSwitch(
  store: Pick<Store, 'survey' | 'work' | 'facts'>,
  avatars: boolean,
  now: number,
): Promise<void> {
  if ((await store.facts.get(SWITCH)) === avatars) return;
  for await (const seats of avatars ? store.survey.seats() : []) {
    const people = seats.map(({ userId }) => userId);
    await store.work.mark(people, 'bulk', now, 'AVATARS is sync now');
  }
  await store.facts.set(SWITCH, avatars);
}

/** The name of the fact that says whether avatars were on when Usher ran last. */
const SWITCH = 'avatars';
