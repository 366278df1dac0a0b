import { describe, expect, it } from 'vitest';
import { type Calls, errors, itemsOf, type MasFacts, text } from './mas-facts.ts';

export function describeDelegationFacts(facts: MasFacts, calls: Calls): void {
  const { synapse, admin, addUser, mint, tokenOf, whoami, account, askToken, basic, raw } = calls;

  describe('a Synapse with MAS', () => {
    it.each([
      '/_matrix/client/v1/auth_metadata',
      '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
    ])('tells at %s who signs people in, without a token', async (path) => {
      const { issuer } = facts.server;
      expect(await synapse('GET', path, undefined, '')).toMatchObject({
        status: 200,
        body: {
          ...{ issuer, token_endpoint: `${issuer}oauth2/token` },
          account_management_uri: expect.any(String),
        },
      });
    });

    it('lists users only without guests', async () => {
      for (const query of ['', '&guests=true']) {
        expect(await synapse('GET', `/_synapse/admin/v2/users?limit=1${query}`)).toMatchObject({
          status: 400,
          body: { errcode: 'M_INVALID_PARAM' },
        });
      }
      const listed = await synapse('GET', '/_synapse/admin/v2/users?limit=1&guests=false');
      expect(listed).toMatchObject({ status: 200, body: { users: [{}] } });
    });

    it.each([
      ['GET', '/_synapse/admin/v1/users/USER/admin'],
      ['PUT', '/_synapse/admin/v1/users/USER/admin'],
      ['POST', '/_synapse/admin/v1/users/USER/login'],
      ['POST', '/_synapse/admin/v1/reset_password/USER'],
      ['GET', '/_synapse/admin/v1/register'],
      ['GET', '/_synapse/admin/v1/registration_tokens'],
      ['POST', '/_synapse/admin/v1/account_validity/validity'],
      ['POST', '/_matrix/client/v3/login'],
      ['POST', '/_matrix/client/v3/logout/all'],
    ])('does not know %s %s', async (method, path) => {
      const ann = facts.fresh('ann');
      await addUser(ann);
      const place = path.replace('USER', encodeURIComponent(calls.userId(ann)));
      expect(await synapse(method, place, method === 'GET' ? undefined : {})).toMatchObject({
        status: 404,
        body: { errcode: 'M_UNRECOGNIZED' },
      });
    });

    it('knows suspension, rate limits and free names as ever', async () => {
      const ann = facts.fresh('ann');
      await addUser(ann);
      const id = encodeURIComponent(calls.userId(ann));
      const suspended = await synapse('PUT', `/_synapse/admin/v1/suspend/${id}`, { suspend: true });
      expect(suspended.status).toBe(200);
      expect((await synapse('GET', account(ann))).body).toMatchObject({ suspended: true });
      const limits = { messages_per_second: 0, burst_count: 0 };
      const lifted = await synapse('POST', `/_synapse/admin/v1/users/${id}/override_ratelimit`, limits);
      expect(lifted.status).toBe(200);
      const free = '/_synapse/admin/v1/username_available?username=';
      expect(await synapse('GET', free + ann)).toMatchObject({
        status: 400,
        body: { errcode: 'M_USER_IN_USE' },
      });
      expect(await synapse('GET', free + facts.fresh('free'))).toMatchObject({ status: 200 });
    });

    it('finds nobody by what she is at an upstream provider', async () => {
      const [ann, subject] = [facts.fresh('ann'), facts.fresh('sub')];
      await calls.link(await addUser(ann), subject);
      await facts.server.settle();
      expect((await synapse('GET', account(ann))).body).toMatchObject({ external_ids: [] });
      const path = `/_synapse/admin/v1/auth_providers/oauth2/users/${subject}`;
      expect(await synapse('GET', path)).toMatchObject({ status: 404 });
    });

    it('refuses tokens that MAS does not know, and a client’s own', async () => {
      expect(await whoami('nonsense')).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } });
      expect(await whoami('')).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
      expect(await whoami(await calls.token())).toMatchObject({
        status: 401,
        body: { errcode: 'M_UNKNOWN_TOKEN' },
      });
    });

    it('believes for a while what it was told of a token', async () => {
      const userId = await addUser(facts.fresh('ann'));
      const [used, unused] = [await mint(userId), await mint(userId)];
      expect(await whoami(tokenOf(used))).toMatchObject({ status: 200 });
      await admin('POST', `/users/${userId}/lock`);
      await facts.server.settle();
      expect(await whoami(tokenOf(used))).toMatchObject({ status: 200 });
      expect(await whoami(tokenOf(unused))).toMatchObject({ status: 401 });
      await admin('POST', `/users/${userId}/unlock`);
      await facts.server.settle();
      expect(await whoami(tokenOf(unused))).toMatchObject({ status: 401 });
    });

    it('says a thing once for each transaction of a device, and nothing without a device', async () => {
      const userId = await addUser(facts.fresh('ann'));
      const api = 'urn:matrix:client:api:*';
      const bare = tokenOf(await mint(userId, { scope: api }));
      const room = await synapse('POST', '/_matrix/client/v3/createRoom', {}, bare);
      const place = encodeURIComponent(text(room, ['room_id']));
      const path = `/_matrix/client/v3/rooms/${place}/send/m.room.message/${facts.fresh('transaction')}`;
      const say = (as: string) => synapse('PUT', path, { msgtype: 'm.text', body: 'Hello' }, as);
      expect(await say(bare)).toMatchObject({ status: 500, body: { errcode: 'M_UNKNOWN' } });

      const scope = `${api} urn:matrix:client:device:${facts.fresh('DEVICE')}`;
      const [one, another] = [await mint(userId, { scope }), await mint(userId, { scope })].map(tokenOf);
      const first = text(await say(one ?? ''), ['event_id']);
      expect(text(await say(one ?? ''), ['event_id'])).toBe(first);
      expect(text(await say(another ?? ''), ['event_id'])).toBe(first);
    });

    it('forgets a token with a device as soon as she is deactivated', async () => {
      const userId = await addUser(facts.fresh('ann'));
      const scope = `urn:matrix:client:api:* urn:matrix:client:device:${facts.fresh('DEVICE')}`;
      const token = tokenOf(await mint(userId, { scope }));
      expect(await whoami(token)).toMatchObject({ status: 200 });
      await admin('POST', `/users/${userId}/deactivate`, { skip_erase: true });
      await facts.server.settle();
      const refused = { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } };
      expect(await whoami(token)).toMatchObject(refused);
      await admin('POST', `/users/${userId}/reactivate`);
      expect(await whoami(tokenOf(await mint(userId, { scope })))).toMatchObject({ status: 200 });
      expect(await whoami(token)).toMatchObject(refused);
    });

    it('forgets a token with a device as soon as its session is revoked', async () => {
      const scope = `urn:matrix:client:api:* urn:matrix:client:device:${facts.fresh('DEVICE')}`;
      const minted = await mint(await addUser(facts.fresh('ann')), { scope });
      expect(await whoami(tokenOf(minted))).toMatchObject({ status: 200 });
      await admin('POST', `/personal-sessions/${text(minted, ['data', 'id'])}/revoke`);
      await facts.server.settle();
      expect(await whoami(tokenOf(minted))).toMatchObject({ status: 401 });
    });

    it('lets her go on whom its own admin API deactivated', async () => {
      const ann = facts.fresh('ann');
      const token = tokenOf(await mint(await addUser(ann)));
      expect(await synapse('PUT', account(ann), { deactivated: true })).toMatchObject({ status: 200 });
      expect(await whoami(token)).toMatchObject({ status: 200 });
    });
  });

  describe('a session of a client', () => {
    it('is finished once, and its token with it', async () => {
      const grant = { grant_type: 'client_credentials', scope: 'urn:mas:admin' };
      const authorization = `Bearer ${text(await askToken(grant, basic()), ['access_token'])}`;
      const filters = `filter[client]=${facts.server.clientId}&filter[status]=active`;
      const [session] = itemsOf(await admin('GET', `/oauth2-sessions?${filters}&page[last]=1`));
      expect(session).toMatchObject({ attributes: { user_id: null, scope: 'urn:mas:admin' } });
      const finish = () => admin('POST', `/oauth2-sessions/${session?.id}/finish`);
      expect(await finish()).toMatchObject({
        status: 200,
        body: { data: { attributes: { finished_at: expect.any(String) } } },
      });
      expect((await finish()).status).toBe(400);
      expect(await raw('GET', '/api/admin/v1/version', { headers: { authorization } })).toMatchObject({
        status: 401,
        body: errors('Access token revoked'),
      });
    });
  });
}
