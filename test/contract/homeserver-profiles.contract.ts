import { describe, expect, it } from 'vitest';
import type { NewAccount } from '../../src/matrix/homeserver.ts';
import { localpartOf, userId } from '../../src/matrix/ids.ts';
import type { Shared } from './homeserver-shared.ts';

const nothing: NewAccount = { displayName: undefined, externalId: undefined, email: undefined };
const image = { bytes: new Uint8Array([0, 1, 128, 255, 10, 13]), contentType: 'image/png' };

/** MAS tells Synapse of it some moments later. */
const SOON = { timeout: 10_000 };

export function describeProfiles(shared: Shared): void {
  const idOf = (localpart: string) => userId(localpart, shared.server.serverName);

  describe('an image', () => {
    it('is stored byte by byte, with its type, under a URI of its own', async () => {
      const { homeserver, download } = shared.server;
      const [first, second] = [await homeserver.upload(image), await homeserver.upload(image)];
      expect(first.startsWith(`mxc://${shared.server.serverName}/`)).toBe(true);
      expect(second).not.toBe(first);
      const stored = await download(first);
      expect([...stored.bytes]).toEqual([...image.bytes]);
      expect(stored.contentType).toBe('image/png');
    });

    it('becomes the avatar of an account, and nothing else of it changes', async () => {
      const { homeserver } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      await homeserver.createAccount(ann, { ...nothing, displayName: 'Ann' });
      const avatarUrl = await homeserver.upload(image);
      await homeserver.updateAccount(ann, { avatarUrl });
      expect(await homeserver.account(ann)).toMatchObject({ displayName: 'Ann', avatarUrl });
      await homeserver.updateAccount(ann, { displayName: 'Ann B' });
      expect(await homeserver.account(ann)).toMatchObject({ displayName: 'Ann B', avatarUrl });
    });

    it('that a person chose herself is read, and none if she took it away', async () => {
      const { homeserver } = shared.server;
      const ann = await shared.server.person(shared.fresh('ann'));
      const avatarUrl = await homeserver.upload(image);
      await ann.setAvatar(avatarUrl);
      await ann.setDisplayName('Annie');
      expect(await homeserver.account(ann.userId)).toMatchObject({ avatarUrl, displayName: 'Annie' });
      await ann.setAvatar('');
      const account = await homeserver.account(ann.userId);
      expect(account).toHaveProperty('avatarUrl', undefined);
    });
  });

  describe('a name', () => {
    it('is free until there is an account of it, and not after a deactivation', async () => {
      const { homeserver } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      expect(await homeserver.isNameFree(ann)).toBe(true);
      await homeserver.createAccount(ann, nothing);
      expect(await homeserver.isNameFree(ann)).toBe(false);
      await homeserver.restrict(ann, 'erase');
      expect(await homeserver.isNameFree(ann)).toBe(false);
    });

    it('is not free if it is reserved for an appservice', async () => {
      expect(await shared.server.homeserver.isNameFree(idOf(shared.fresh('bridge')))).toBe(false);
    });

    it('may hold all that a localpart may', async () => {
      expect(await shared.server.homeserver.isNameFree(idOf('a=b_c-d.e/f+g'))).toBe(true);
    });

    it.each(['Ann', 'ann ann', '12345', '_ann', 'a'.repeat(256)])(
      'that nobody may have is refused: %.20s',
      async (localpart) => {
        await expect(shared.server.homeserver.isNameFree(idOf(localpart))).rejects.toMatchObject({
          kind: 'refused',
          errcode: 'M_INVALID_USERNAME',
        });
      },
    );
  });

  describe('an erasure', () => {
    it('takes the profile, the sessions, e-mails and rooms, and leaves the external ids', async () => {
      const { homeserver } = shared.server;
      const owner = await shared.server.person(shared.fresh('owner'));
      const ann = await shared.server.person(shared.fresh('ann'));
      const room = await owner.createRoom({ joinRule: 'public' });
      await ann.join(room);
      const externalIds = [{ provider: 'oidc-idp', id: ann.userId }];
      await homeserver.updateAccount(ann.userId, {
        displayName: 'Ann',
        avatarUrl: await homeserver.upload(image),
        externalIds,
        threepids: [{ medium: 'email', address: `${localpartOf(ann.userId)}@example.org` }],
      });
      await homeserver.restrict(ann.userId, 'erase');
      const erased = { displayName: undefined, avatarUrl: undefined, threepids: [], externalIds };
      const look = () => homeserver.account(ann.userId);
      await expect.poll(look, SOON).toMatchObject({ ...erased, deactivated: true });
      await expect(ann.createRoom()).rejects.toThrow('401');
      const members = async () => [...((await homeserver.joinedMembers(room)) ?? [])];
      await expect.poll(members, SOON).toEqual([owner.userId]);
    });

    it('comes upon an account that is deactivated already, and is taken back by a reactivation', async () => {
      const { homeserver, request } = shared.server;
      const ann = idOf(shared.fresh('ann'));
      const isErased = async () => {
        const { body } = await request('GET', `/_synapse/admin/v2/users/${encodeURIComponent(ann)}`);
        return body.erased;
      };
      await homeserver.createAccount(ann, { ...nothing, displayName: 'Ann' });
      await homeserver.restrict(ann, 'deactivate');
      expect(await isErased()).toBe(false);
      await homeserver.restrict(ann, 'erase');
      await expect.poll(isErased, SOON).toBe(true);
      await homeserver.restrict(ann, 'deactivate');
      expect(await isErased()).toBe(true);
      await homeserver.unrestrict(ann, 'erase');
      await expect.poll(isErased, SOON).toBe(false);
      expect(await homeserver.account(ann)).toMatchObject({ deactivated: false, displayName: undefined });
      await homeserver.updateAccount(ann, { displayName: 'Ann' });
      expect(await homeserver.account(ann)).toMatchObject({ displayName: 'Ann' });
    });
  });
}
