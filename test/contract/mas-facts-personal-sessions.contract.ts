import { describe, expect, it } from 'vitest';
import { type Calls, errors, itemsOf, type MasFacts, text } from './mas-facts.ts';

const NOTHING = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const SCOPE = 'urn:matrix:client:api:* urn:synapse:admin:*';
const ATTRIBUTES = ['data', 'attributes'];

export function describePersonalSessionFacts(facts: MasFacts, calls: Calls): void {
  const { admin, addUser, mint, tokenOf, whoami, synapse, raw, account } = calls;

  const bot = () => addUser(facts.fresh('bot'));
  const idOf = (minted: Awaited<ReturnType<typeof mint>>) => text(minted, ['data', 'id']);
  const change = (id: string, deed: string, body?: object) =>
    admin('POST', `/personal-sessions/${id}/${deed}`, body);
  const inactive = { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } };

  describe('a personal session', () => {
    it('is made with 201, and tells its token that once', async () => {
      const actor = await bot();
      const minted = await mint(actor, { expires_in: 600 });
      expect(minted).toMatchObject({ status: 201, body: { data: { type: 'personal-session' } } });
      const { access_token, ...attributes } = Object(Object(minted.body.data).attributes);
      expect(access_token).toMatch(/^mpt_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/);
      expect(attributes).toEqual({
        created_at: expect.any(String),
        revoked_at: null,
        owner_user_id: null,
        owner_client_id: facts.server.clientId,
        actor_user_id: actor,
        human_name: 'facts',
        scope: SCOPE,
        last_active_at: null,
        last_active_ip: null,
        expires_at: expect.any(String),
      });
      expect(Date.parse(attributes.expires_at) - Date.parse(attributes.created_at)).toBeCloseTo(600_000, -4);
      const later = await admin('GET', `/personal-sessions/${idOf(minted)}`);
      expect(later).toMatchObject({ status: 200, body: { data: { id: idOf(minted) } } });
      expect(Object(later.body.data).attributes).not.toHaveProperty('access_token');
    });

    it('never ends if no end is given', async () => {
      const minted = await mint(await bot());
      expect(minted).toMatchObject({ body: { data: { attributes: { expires_at: null } } } });
    });

    it('lets administer Synapse, without a device', async () => {
      const name = facts.fresh('bot');
      const token = tokenOf(await mint(await addUser(name)));
      const who = await whoami(token);
      expect(who).toMatchObject({ status: 200, body: { user_id: calls.userId(name) } });
      expect(who.body).not.toHaveProperty('device_id');
      expect(await synapse('GET', account(name), undefined, token)).toMatchObject({ status: 200 });
    });

    it('without the admin scope does not, though she may ask for it, and without the API scope is nothing', async () => {
      const name = facts.fresh('bot');
      const actor = await addUser(name);
      await admin('POST', `/users/${actor}/set-admin`, { admin: true });
      const plain = tokenOf(await mint(actor, { scope: 'urn:matrix:client:api:*' }));
      expect(await synapse('GET', account(name), undefined, plain)).toMatchObject({
        status: 403,
        body: { errcode: 'M_FORBIDDEN' },
      });
      const adminOnly = tokenOf(await mint(actor, { scope: 'urn:synapse:admin:*' }));
      expect(await whoami(adminOnly)).toMatchObject(inactive);
    });

    it('is refused for a scope that is none (400), and for nobody (404)', async () => {
      const actor = await bot();
      for (const scope of ['', 'a  b', 'a"b']) {
        expect(await mint(actor, { scope })).toMatchObject({ status: 400, body: errors('Invalid scope') });
      }
      expect(await mint(NOTHING)).toMatchObject({ status: 404, body: errors('User not found') });
    });

    it('may be made for a locked user, but is worth nothing to Synapse', async () => {
      const actor = await bot();
      await admin('POST', `/users/${actor}/lock`);
      const minted = await mint(actor);
      expect(minted.status).toBe(201);
      expect(await whoami(tokenOf(minted))).toMatchObject(inactive);
    });

    it('of the admin API goes on for a locked user, unless she made it herself', async () => {
      const actor = await bot();
      const given = tokenOf(await mint(actor, { scope: 'urn:mas:admin' }));
      const ask = async (as: string, method = 'GET', body?: object) =>
        raw(method, '/api/admin/v1/personal-sessions', { body, headers: { authorization: `Bearer ${as}` } });
      const fields = { actor_user_id: actor, human_name: 'its own', scope: `${SCOPE} urn:mas:admin` };
      const own = tokenOf(await ask(given, 'POST', fields));
      expect((await ask(own)).status).toBe(200);
      await admin('POST', `/users/${actor}/lock`);
      expect((await ask(given)).status).toBe(200);
      expect(await ask(own)).toMatchObject({ status: 401, body: errors('User locked') });
    });

    it('that a user made for another is worth nothing to Synapse while she is locked', async () => {
      const [owner, actor] = [await bot(), await bot()];
      const admins = tokenOf(await mint(owner, { scope: 'urn:mas:admin' }));
      const make = async () => {
        const body = { actor_user_id: actor, human_name: 'hers', scope: SCOPE };
        const headers = { authorization: `Bearer ${admins}` };
        return tokenOf(await raw('POST', '/api/admin/v1/personal-sessions', { body, headers }));
      };
      expect(await whoami(await make())).toMatchObject({ status: 200 });
      const unused = await make();
      await admin('POST', `/users/${owner}/lock`);
      expect(await whoami(unused)).toMatchObject(inactive);
    });

    it('is found by actor, owner, status and end', async () => {
      const actor = await bot();
      const ends = idOf(await mint(actor, { expires_in: 600 }));
      const stays = idOf(await mint(actor));
      const over = idOf(await mint(actor));
      await change(over, 'revoke');
      const found = async (filters: string) => {
        const page = await admin('GET', `/personal-sessions?filter[actor_user]=${actor}${filters}`);
        return itemsOf(page).map(({ id }) => id);
      };
      expect(await found(`&filter[owner_client]=${facts.server.clientId}`)).toEqual([ends, stays, over]);
      expect(await found('&filter[status]=active')).toEqual([ends, stays]);
      expect(await found('&filter[status]=revoked')).toEqual([over]);
      expect(await found('&filter[status]=active&filter[expires]=true')).toEqual([ends]);
      const soon = new Date(Date.now() + 3_600_000).toISOString();
      expect(await found(`&filter[expires_before]=${soon}`)).toEqual([ends]);
      expect(await found(`&filter[expires_after]=${soon}`)).toEqual([]);
      expect((await admin('GET', `/personal-sessions?filter[actor_user]=${NOTHING}`)).status).toBe(404);
      expect((await admin('GET', `/personal-sessions?filter[owner_client]=${NOTHING}`)).status).toBe(404);
    });

    it('is regenerated: its token ends, and it has another', async () => {
      const minted = await mint(await bot(), { expires_in: 600 });
      const again = await change(idOf(minted), 'regenerate', {});
      expect(again).toMatchObject({ status: 201, body: { data: { id: idOf(minted) } } });
      expect(again).toMatchObject({ body: { data: { attributes: { expires_at: null } } } });
      expect(await whoami(tokenOf(minted))).toMatchObject(inactive);
      expect(await whoami(tokenOf(again))).toMatchObject({ status: 200 });
    });

    it('is revoked once: 200, then 409, and is not regenerated any more: 422', async () => {
      const minted = await mint(await bot());
      const path = [...ATTRIBUTES, 'revoked_at'];
      const revoked = await change(idOf(minted), 'revoke');
      expect(revoked.status).toBe(200);
      expect(text(revoked, path)).toMatch(/^\d{4}-/);
      expect(await change(idOf(minted), 'revoke')).toMatchObject({ status: 409 });
      expect(await change(idOf(minted), 'regenerate', {})).toMatchObject({
        status: 422,
        body: errors('Session not valid'),
      });
      expect(await whoami(tokenOf(minted))).toMatchObject(inactive);
    });

    it('that another made is not regenerated (403), but revoked', async () => {
      const actor = await bot();
      const own = tokenOf(await mint(actor, { scope: 'urn:mas:admin' }));
      const theirs = await raw('POST', '/api/admin/v1/personal-sessions', {
        body: { actor_user_id: actor, human_name: 'its own', scope: SCOPE },
        headers: { authorization: `Bearer ${own}` },
      });
      expect(theirs).toMatchObject({
        status: 201,
        body: { data: { attributes: { owner_user_id: actor, owner_client_id: null } } },
      });
      expect(await change(idOf(theirs), 'regenerate', {})).toMatchObject({
        status: 403,
        body: errors('Session does not belong to you'),
      });
      expect(await change(idOf(theirs), 'revoke')).toMatchObject({ status: 200 });
    });

    it('ends when it said so', async () => {
      const minted = await mint(await bot(), { expires_in: 2 });
      await expect.poll(() => whoami(tokenOf(minted)), { timeout: 5_000 }).toMatchObject(inactive);
    });

    it('that there is not is 404', async () => {
      for (const deed of ['regenerate', 'revoke']) {
        expect((await change(NOTHING, deed, {})).status).toBe(404);
      }
      expect((await admin('GET', `/personal-sessions/${NOTHING}`)).status).toBe(404);
    });
  });
}
