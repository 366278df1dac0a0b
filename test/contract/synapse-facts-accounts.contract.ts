import { describe, expect, it } from 'vitest';
import { callsOf, email, external, type Facts, PROVIDER, paths } from './synapse-facts.ts';

export function describeAccountFacts(facts: Facts): void {
  const { get, put, request } = callsOf(facts);

  describe('an account', () => {
    it('that is locked can not be used, stays in its rooms, and can be joined by an admin', async () => {
      const ann = await facts.person('ann');
      const room = await ann.createRoom();
      const { roomId } = await facts.takenRoom({ joinRule: 'public' });
      expect(await put(ann.userId, { locked: true })).toMatchObject({ status: 200 });

      expect(await request('GET', paths.whoami, undefined, ann.token)).toMatchObject({
        status: 401,
        body: { errcode: 'M_USER_LOCKED' },
      });
      const joining = await request('POST', paths.adminJoin(roomId), { user_id: ann.userId });
      expect(joining.status).toBe(200);
      const { body } = await request('GET', `${paths.adminUser(ann.userId)}/memberships`);
      expect(body).toEqual({ memberships: { [room]: 'join', [roomId]: 'join' } });
      expect(await put(ann.userId, { locked: false })).toMatchObject({ status: 200 });
      expect(await request('GET', paths.whoami, undefined, ann.token)).toMatchObject({
        status: 200,
      });
    });

    it('that is deactivated loses sessions, e-mails and rooms, and keeps its external ids', async () => {
      const { owner, roomId } = await facts.takenRoom({ joinRule: 'public' });
      const ann = await facts.person('ann');
      await ann.join(roomId);
      const address = `${facts.fresh('a')}@example.org`;
      await put(ann.userId, { external_ids: [external(ann.userId)], threepids: [email(address)] });

      expect(await put(ann.userId, { deactivated: true })).toMatchObject({
        status: 200,
        body: { deactivated: true, threepids: [], external_ids: [external(ann.userId)] },
      });
      expect(await request('GET', paths.whoami, undefined, ann.token)).toMatchObject({
        status: 401,
        body: { errcode: 'M_UNKNOWN_TOKEN' },
      });
      const found = await request('GET', paths.byExternalId(PROVIDER, ann.userId));
      expect(found).toEqual({ status: 200, body: { user_id: ann.userId } });
      const members = async () => {
        const { body } = await request('GET', `${paths.adminRoom(roomId)}/members`);
        return new Set(Array.isArray(body.members) ? body.members : []);
      };
      await expect.poll(members, { timeout: 10_000 }).toEqual(new Set([owner.userId, facts.server.bot]));
    });

    it('that is deactivated can be joined by an admin all the same', async () => {
      const { roomId } = await facts.takenRoom();
      const ann = facts.freshId('ann');
      await put(ann, {});
      await put(ann, { deactivated: true });
      expect(await request('POST', paths.adminJoin(roomId), { user_id: ann })).toMatchObject({
        status: 200,
      });
    });

    it('that comes back from deactivation stays suspended, and banned where it was', async () => {
      const { owner, roomId } = await facts.takenRoom();
      const ann = await facts.person('ann');
      await owner.ban(roomId, ann.userId);
      await request('PUT', paths.suspend(ann.userId), { suspend: true });
      await put(ann.userId, { deactivated: true });
      expect(await put(ann.userId, { deactivated: false })).toMatchObject({
        status: 200,
        body: { deactivated: false, suspended: true },
      });
      expect(await facts.server.homeserver.member(roomId, ann.userId)).toMatchObject({ membership: 'ban' });
    });

    it('can not be deactivated and locked at once, but one after the other', async () => {
      const ann = facts.freshId('ann');
      await put(ann, {});
      expect(await put(ann, { deactivated: true, locked: true })).toMatchObject({ status: 400 });
      await put(ann, { locked: true });
      expect(await put(ann, { deactivated: true })).toMatchObject({
        status: 200,
        body: { deactivated: true, locked: true },
      });
    });

    it('that does not exist is 404 M_NOT_FOUND, but its memberships are an empty 200', async () => {
      const nobody = facts.freshId('nobody');
      const missing = { status: 404, body: { errcode: 'M_NOT_FOUND' } };
      expect(await get(nobody)).toMatchObject(missing);
      expect(await request('PUT', paths.suspend(nobody), { suspend: true })).toMatchObject(missing);
      expect(await request('GET', paths.byExternalId(PROVIDER, nobody))).toMatchObject(missing);
      expect(await request('GET', paths.byEmail('nobody@example.org'))).toMatchObject(missing);
      expect(await request('GET', `${paths.adminUser(nobody)}/memberships`)).toEqual({
        status: 200,
        body: { memberships: {} },
      });
    });

    it('has its e-mail stored in lower case, and is found by that spelling only', async () => {
      const ann = facts.freshId('ann');
      const name = facts.fresh('a');
      await put(ann, { threepids: [email(`${name.toUpperCase()}@Example.ORG`)] });
      expect(await request('GET', paths.byEmail(`${name}@example.org`))).toMatchObject({
        status: 200,
      });
      expect(await request('GET', paths.byEmail(`${name}@Example.ORG`))).toMatchObject({
        status: 404,
      });
    });

    it('name that is taken is 400 M_USER_IN_USE, a free one 200', async () => {
      const path = '/_synapse/admin/v1/username_available?username=';
      expect(await request('GET', `${path}usher`)).toMatchObject({
        status: 400,
        body: { errcode: 'M_USER_IN_USE' },
      });
      expect(await request('GET', `${path}${facts.fresh('free')}`)).toMatchObject({ status: 200 });
    });
  });

  describe('the list of users', () => {
    it('leaves locked and deactivated ones out unless asked for, and does not mark those of appservices', async () => {
      const [ann, bob] = [facts.freshId('ann'), facts.freshId('bob')];
      await put(ann, {});
      await put(ann, { locked: true });
      await put(bob, {});
      await put(bob, { deactivated: true });
      const bridged = await facts.server.appserviceUser(facts.fresh('_bridge_'));
      const usual = await listed('');
      expect(usual.get(bridged)).not.toHaveProperty('appservice_id');
      expect(usual.has(ann) || usual.has(bob)).toBe(false);
      const all = await listed('&locked=true&deactivated=true');
      expect(all.get(ann)).toMatchObject({ locked: true, deactivated: false });
      expect(all.get(bob)).toMatchObject({ locked: false, deactivated: true });
    });

    it('comes in pages, the last one without a next_token', async () => {
      const path = '/_synapse/admin/v2/users?deactivated=true&locked=true';
      const { body } = await request('GET', `${path}&limit=2`);
      expect(body).toMatchObject({ users: [{}, {}], total: expect.any(Number), next_token: '2' });
      const last = await request('GET', `${path}&limit=2&from=${Number(body.total) - 1}`);
      expect(last.body).toMatchObject({ users: [{}] });
      expect(last.body).not.toHaveProperty('next_token');
    });

    async function listed(query: string): Promise<ReadonlyMap<unknown, unknown>> {
      const { body } = await request('GET', `/_synapse/admin/v2/users?limit=1000${query}`);
      const users: readonly { name?: unknown }[] = Array.isArray(body.users) ? body.users : [];
      return new Map(users.map((user) => [user.name, user]));
    }
  });

  describe('a token', () => {
    it('of a person who is no admin is 403 M_FORBIDDEN', async () => {
      const ann = await facts.person('ann');
      expect(await request('GET', paths.user(ann.userId), undefined, ann.token)).toMatchObject({
        status: 403,
        body: { errcode: 'M_FORBIDDEN' },
      });
    });

    it('that is nobody’s is 401 M_UNKNOWN_TOKEN, and none at all 401 M_MISSING_TOKEN', async () => {
      const path = paths.user(facts.server.bot);
      expect(await request('GET', path, undefined, 'nonsense')).toMatchObject({
        status: 401,
        body: { errcode: 'M_UNKNOWN_TOKEN' },
      });
      expect(await request('GET', path, undefined, '')).toMatchObject({
        status: 401,
        body: { errcode: 'M_MISSING_TOKEN' },
      });
    });

    it('is Synapse’s own: nobody else signs people in', async () => {
      const path = '/_matrix/client/v1/auth_metadata';
      expect(await request('GET', path, undefined, '')).toMatchObject({
        status: 404,
        body: { errcode: 'M_UNRECOGNIZED' },
      });
    });

    it('does not help where there is nothing: 404 M_UNRECOGNIZED, not M_NOT_FOUND', async () => {
      expect(await request('GET', '/_synapse/admin/v2/nothing')).toMatchObject({
        status: 404,
        body: { errcode: 'M_UNRECOGNIZED' },
      });
    });
  });
}
