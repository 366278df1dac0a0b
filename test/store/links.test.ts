import { expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { whole } from '../../src/pieces.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { AccountLink } from '../../src/store/store.ts';
import { linkOf } from '../support/people.ts';
import { tempDir } from '../support/temp-dir.ts';

const BARE = linkOf('ann' as ResourceId, '@ann:x' as UserId, { isConfirmed: false });

it.each<Partial<AccountLink>>([
  { isConfirmed: true },
  { externalId: 'e-ann', email: 'ann@x.example' },
  { restriction: 'erase' },
  { restriction: 'deactivate', inactiveSince: 0 },
  { inactiveSince: 1_700_000_000_000 },
  { isAdmin: true },
  { photo: 'https://x.example/ann.png' },
  { photo: 'https://x.example/ann.png', avatar: 'mxc://x/ann' },
])('a link keeps %j, and loses it again', async (change) => {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const { people } = store;
  for (const link of [BARE, { ...BARE, ...change }, BARE]) {
    await people.saveLink(link);
    expect(await people.link(link.userId)).toEqual(link);
    expect(await people.linksOf(link.account)).toEqual([link]);
    expect(await whole(people.roster())).toMatchObject([
      { restriction: link.restriction, isAdmin: link.isAdmin },
    ]);
    expect(await people.countAdmins()).toBe(link.isAdmin ? 1 : 0);
  }
});
