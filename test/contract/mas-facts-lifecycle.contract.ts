import { describe, expect, it } from 'vitest';
import { type Calls, itemsOf, type MasFacts, text } from './mas-facts.ts';

const API_ONLY = { scope: 'urn:matrix:client:api:*' };
const INACTIVE = { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } };

export function describeLifecycleFacts(facts: MasFacts, calls: Calls): void {
  const { admin, addUser, addEmail, link, mint, tokenOf, read, whoami, synapse, account } = calls;

  const act = (userId: string, deed: string, body?: object) =>
    admin('POST', `/users/${userId}/${deed}`, body);
  /** A token of hers that Synapse has not seen, and so remembers nothing of. */
  const freshToken = async (userId: string) => tokenOf(await mint(userId, API_ONLY));
  const withStatus = async (status: string, search: string) => {
    const page = await admin('GET', `/users?filter[status]=${status}&filter[search]=${search}`);
    return itemsOf(page).map(({ id }) => id);
  };
  const emailsOf = async (userId: string) =>
    itemsOf(await admin('GET', `/user-emails?filter[user]=${userId}`));

  describe('a locked user', () => {
    it('is refused by Synapse, which is told of the lock, and is let in again when it is taken off', async () => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann);
      const locked = await act(userId, 'lock');
      expect(locked).toMatchObject({
        status: 200,
        body: { links: { self: `/api/admin/v1/users/${userId}/lock` } },
      });
      // Read again it has microseconds, and not nanoseconds.
      const since = text(locked, ['data', 'attributes', 'locked_at']).slice(0, 23);
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({ locked: true, deactivated: false });
      expect(await whoami(await freshToken(userId))).toMatchObject(INACTIVE);

      const again = text(await act(userId, 'lock'), ['data', 'attributes', 'locked_at']);
      expect(again.slice(0, 23)).toBe(since);
      expect(await act(userId, 'unlock')).toMatchObject({
        body: { data: { attributes: { locked_at: null } } },
      });
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({ locked: false });
      expect(await whoami(await freshToken(userId))).toMatchObject({ status: 200 });
    });

    it('is not found among the active ones, and one that is only deactivated not among the locked', async () => {
      const name = facts.fresh('status');
      const [locked, gone, active] = [
        await addUser(`${name}-a`),
        await addUser(`${name}-b`),
        await addUser(`${name}-c`),
      ];
      await act(locked, 'lock');
      await act(gone, 'deactivate', { skip_erase: true });
      expect(await withStatus('active', name)).toEqual([active]);
      expect(await withStatus('locked', name)).toEqual([locked]);
      expect(await withStatus('deactivated', name)).toEqual([gone]);
    });

    it('that Synapse’s admin API locked is not locked: she is let in', async () => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann);
      expect(await synapse('PUT', account(ann), { locked: true })).toMatchObject({ body: { locked: true } });
      expect(await admin('GET', `/users/${userId}`)).toMatchObject({
        body: { data: { attributes: { locked_at: null } } },
      });
      expect(await whoami(await freshToken(userId))).toMatchObject({ status: 200 });
    });
  });

  describe('a deactivated user', () => {
    it('loses sessions, e-mails and rooms, and keeps her name and her links', async () => {
      const [ann, subject] = [facts.fresh('ann'), facts.fresh('sub')];
      const userId = await addUser(ann, { displayname: 'Ann' });
      await addEmail(userId, `${ann}@example.org`);
      await link(userId, subject);
      const token = await freshToken(userId);
      const room = await synapse('POST', '/_matrix/client/v3/createRoom', {}, token);
      const unused = await mint(userId, API_ONLY);

      expect(await act(userId, 'deactivate', { skip_erase: true })).toMatchObject({
        status: 200,
        body: { data: { attributes: { deactivated_at: expect.any(String), locked_at: null } } },
      });
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({
        ...{ deactivated: true, erased: false, displayname: 'Ann', threepids: [] },
      });
      expect(await whoami(tokenOf(unused))).toMatchObject(INACTIVE);
      const session = await admin('GET', `/personal-sessions/${text(unused, ['data', 'id'])}`);
      expect(session).toMatchObject({ body: { data: { attributes: { revoked_at: expect.any(String) } } } });
      expect(await emailsOf(userId)).toEqual([]);
      const links = await admin('GET', `/upstream-oauth-links?filter[user]=${userId}`);
      expect(itemsOf(links)).toMatchObject([{ attributes: { subject } }]);
      const members = async () => {
        const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(text(room, ['room_id']))}/members`;
        return (await synapse('GET', path)).body.members ?? [];
      };
      await expect.poll(members, { timeout: 10_000 }).toEqual([]);
    });

    it.each([
      ['without a body', undefined],
      ['that does not say so', {}],
    ])('is erased, too, by a request %s', async (_, body) => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann, { displayname: 'Ann' });
      await act(userId, 'deactivate', body);
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({ deactivated: true, erased: true, displayname: null });
    });

    it('can be erased later, and keeps that if she is deactivated once more', async () => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann);
      for (const [skip_erase, erased] of [
        [true, false],
        [false, true],
        [true, true],
      ]) {
        expect(await act(userId, 'deactivate', { skip_erase })).toMatchObject({ status: 200 });
        await facts.server.settle();
        expect(await read(ann)).toMatchObject({ deactivated: true, erased });
      }
    });

    it('gets no personal session: 410', async () => {
      const userId = await addUser(facts.fresh('ann'));
      await act(userId, 'deactivate', { skip_erase: true });
      expect(await mint(userId)).toMatchObject({ status: 410 });
    });

    it('comes back with her links, and without her e-mails and sessions; Synapse knows at once', async () => {
      const [ann, subject] = [facts.fresh('ann'), facts.fresh('sub')];
      const userId = await addUser(ann);
      await addEmail(userId, `${ann}@example.org`);
      await link(userId, subject);
      const lost = tokenOf(await mint(userId, API_ONLY));
      await act(userId, 'deactivate', { skip_erase: true });
      await facts.server.settle();

      expect(await act(userId, 'reactivate')).toMatchObject({
        status: 200,
        body: { data: { attributes: { deactivated_at: null } } },
      });
      expect(await read(ann)).toMatchObject({ deactivated: false, threepids: [] });
      expect(await whoami(lost)).toMatchObject(INACTIVE);
      expect(await whoami(await freshToken(userId))).toMatchObject({ status: 200 });
      expect(await emailsOf(userId)).toEqual([]);
      const links = await admin('GET', `/upstream-oauth-links?filter[user]=${userId}`);
      expect(itemsOf(links)).toMatchObject([{ attributes: { subject } }]);
    });

    it('who was locked comes back locked, and one that is erased without her name', async () => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann, { displayname: 'Ann' });
      await act(userId, 'lock');
      await act(userId, 'deactivate');
      await facts.server.settle();
      expect(await act(userId, 'reactivate')).toMatchObject({
        body: { data: { attributes: { deactivated_at: null, locked_at: expect.any(String) } } },
      });
      expect(await read(ann)).toMatchObject({ ...{ deactivated: false, erased: false, displayname: null } });
      expect(await whoami(await freshToken(userId))).toMatchObject(INACTIVE);
    });

    it('that Synapse’s admin API deactivated is active to MAS', async () => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann);
      await synapse('PUT', account(ann), { deactivated: true });
      expect(await admin('GET', `/users/${userId}`)).toMatchObject({
        body: { data: { attributes: { deactivated_at: null } } },
      });
      expect(await act(userId, 'reactivate')).toMatchObject({ status: 200 });
      expect(await read(ann)).toMatchObject({ deactivated: false });
    });
  });
}
