import { describe, expect, it } from 'vitest';
import { type Calls, errors, itemsOf, type MasFacts, text } from './mas-facts.ts';

const NOTHING = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export function describeLinkFacts(facts: MasFacts, calls: Calls): void {
  const { admin, addUser, link } = calls;

  describe('a link to an upstream provider', () => {
    it('is made with 201', async () => {
      const [userId, subject] = [await addUser(facts.fresh('ann')), facts.fresh('sub')];
      const made = await link(userId, subject);
      const id = text(made, ['data', 'id']);
      expect(made).toMatchObject({
        status: 201,
        body: { links: { self: `/api/admin/v1/upstream-oauth-links/${id}` } },
      });
      expect(made.body.data).toEqual({
        type: 'upstream-oauth-link',
        id,
        attributes: {
          created_at: expect.any(String),
          provider_id: facts.server.providerId,
          subject,
          user_id: userId,
          human_account_name: subject,
        },
        links: { self: `/api/admin/v1/upstream-oauth-links/${id}` },
      });
    });

    it('of a subject that has a user is refused with 409, even if it is the same user', async () => {
      const [ann, bob] = [await addUser(facts.fresh('ann')), await addUser(facts.fresh('bob'))];
      const subject = facts.fresh('sub');
      await link(ann, subject);
      for (const userId of [ann, bob]) {
        expect(await link(userId, subject)).toMatchObject({
          status: 409,
          body: errors(expect.stringContaining('is already linked to a user')),
        });
      }
    });

    it('may be one of several that a user has, and subjects are told apart by case', async () => {
      const [userId, subject] = [await addUser(facts.fresh('ann')), facts.fresh('sub')];
      expect((await link(userId, subject)).status).toBe(201);
      expect((await link(userId, subject.toUpperCase())).status).toBe(201);
      const found = itemsOf(await admin('GET', `/upstream-oauth-links?filter[user]=${userId}`));
      expect(found.map(({ attributes }) => Object(attributes).subject)).toEqual([
        subject,
        subject.toUpperCase(),
      ]);
    });

    it('is found by user, provider and subject together', async () => {
      const [userId, subject] = [await addUser(facts.fresh('ann')), facts.fresh('sub')];
      await link(userId, subject);
      const filters = (user: string, of = subject) =>
        `/upstream-oauth-links?filter[user]=${user}&filter[provider]=${facts.server.providerId}&filter[subject]=${of}`;
      expect(itemsOf(await admin('GET', filters(userId)))).toMatchObject([{ attributes: { subject } }]);
      expect(itemsOf(await admin('GET', filters(userId, facts.fresh('other'))))).toEqual([]);
      expect(itemsOf(await admin('GET', filters(await addUser(facts.fresh('bob')))))).toEqual([]);
    });

    it('needs a user and a provider that there are, also to be looked for: 404', async () => {
      const userId = await addUser(facts.fresh('ann'));
      expect(await link(NOTHING, facts.fresh('sub'))).toMatchObject({
        status: 404,
        body: errors(`User ID ${NOTHING} not found`),
      });
      const fields = { user_id: userId, provider_id: NOTHING, subject: facts.fresh('sub') };
      expect(await admin('POST', '/upstream-oauth-links', fields)).toMatchObject({
        status: 404,
        body: errors(`Upstream OAuth 2.0 Provider ID ${NOTHING} not found`),
      });
      expect((await admin('GET', `/upstream-oauth-links?filter[user]=${NOTHING}`)).status).toBe(404);
      expect((await admin('GET', `/upstream-oauth-links?filter[provider]=${NOTHING}`)).status).toBe(404);
    });

    it('is deleted with 204, and then free for another user', async () => {
      const subject = facts.fresh('sub');
      const id = text(await link(await addUser(facts.fresh('ann')), subject), ['data', 'id']);
      expect((await admin('DELETE', `/upstream-oauth-links/${id}`)).status).toBe(204);
      expect((await admin('DELETE', `/upstream-oauth-links/${id}`)).status).toBe(404);
      expect((await link(await addUser(facts.fresh('bob')), subject)).status).toBe(201);
    });
  });

  describe('an upstream provider', () => {
    it('is listed with its issuer, and whether it is enabled', async () => {
      const { providerId } = facts.server;
      const page = await admin('GET', '/upstream-oauth-providers?filter[enabled]=true&page[first]=100');
      expect(itemsOf(page)).toContainEqual(
        expect.objectContaining({
          type: 'upstream-oauth-provider',
          id: providerId,
          attributes: expect.objectContaining({ issuer: expect.any(String), disabled_at: null }),
        }),
      );
      const disabled = itemsOf(await admin('GET', '/upstream-oauth-providers?filter[enabled]=false'));
      expect(disabled.map(({ id }) => id)).not.toContain(providerId);
    });

    it('is read by its id; one that there is not is 404', async () => {
      const { providerId } = facts.server;
      expect(await admin('GET', `/upstream-oauth-providers/${providerId}`)).toMatchObject({
        status: 200,
        body: { data: { id: providerId } },
      });
      expect(await admin('GET', `/upstream-oauth-providers/${NOTHING}`)).toMatchObject({
        status: 404,
        body: errors('Provider not found'),
      });
    });
  });
}
