import { describe, expect, it } from 'vitest';
import { type Calls, errors, itemsOf, type MasFacts, text } from './mas-facts.ts';

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export function describeMasUserFacts(facts: MasFacts, calls: Calls): void {
  const { admin, addUser, raw, token, read, synapse, account, userId } = calls;

  describe('a new user', () => {
    it('is there in Synapse when 201 comes, with the display name that was given', async () => {
      const ann = facts.fresh('ann');
      const made = await admin('POST', '/users', { username: ann, displayname: 'Ann' });
      const id = text(made, ['data', 'id']);
      const self = `/api/admin/v1/users/${id}`;
      expect(made).toMatchObject({ status: 201, body: { links: { self } } });
      expect(made.body.data).toEqual({
        type: 'user',
        id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
        attributes: {
          username: ann,
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          locked_at: null,
          deactivated_at: null,
          admin: false,
          legacy_guest: false,
        },
        links: { self },
      });
      expect(await read(ann)).toMatchObject({ displayname: 'Ann', threepids: [], external_ids: [] });
    });

    it('has its username for a display name if none is given', async () => {
      const ann = facts.fresh('ann');
      await addUser(ann);
      expect(await read(ann)).toMatchObject({ displayname: ann });
    });

    it('may not have the name of another, in any case: 409', async () => {
      const ann = facts.fresh('ann');
      await addUser(ann);
      for (const username of [ann, ann.toUpperCase()]) {
        expect(await admin('POST', '/users', { username })).toMatchObject({
          status: 409,
          body: errors('User already exists'),
        });
      }
    });

    it.each([
      ['that begins with an underscore', '_ann'],
      ['of upper case', 'ANN-IS-FREE'],
      ['with a blank', 'ann b'],
      ['that is empty', ''],
      ['of more than 255 characters', 'a'.repeat(256)],
    ])('may not have a username %s: 400', async (_, username) => {
      expect(await admin('POST', '/users', { username })).toMatchObject({
        status: 400,
        body: errors('Username is not valid'),
      });
    });

    it('may not have a username of digits, which Synapse keeps for guests: 409', async () => {
      expect(await admin('POST', '/users', { username: `${Date.now()}` })).toMatchObject({
        status: 409,
        body: errors('Username is reserved by the homeserver'),
      });
    });

    it('is refused without a username (422) and without JSON (415, 400), in plain text', async () => {
      expect(await admin('POST', '/users', {})).toMatchObject({ status: 422, body: {} });
      const authorization = `Bearer ${await token()}`;
      const send = (body: string, headers: object) =>
        raw('POST', '/api/admin/v1/users', { body, headers: { authorization, ...headers } });
      expect(await send('a', { 'content-type': 'text/plain' })).toMatchObject({ status: 415, body: {} });
      expect(await send('{', { 'content-type': 'application/json' })).toMatchObject({
        status: 400,
        body: {},
      });
    });
  });

  describe('a new user whom Synapse refuses half-way', () => {
    it('is none to MAS, has an account in Synapse, and is made by who says that this is meant', async () => {
      const username = facts.fresh('ann');
      const avatar_url = `mxc://${facts.server.serverName}/${'a'.repeat(1_000)}`;
      expect((await admin('POST', '/users', { username, avatar_url })).status).toBe(500);
      expect((await admin('GET', `/users/by-username/${username}`)).status).toBe(404);
      expect(await read(username)).toMatchObject({ name: userId(username) });
      expect(await admin('POST', '/users', { username })).toMatchObject({
        status: 409,
        body: errors('Username is reserved by the homeserver'),
      });
      const meant = { username, displayname: 'Ann', skip_homeserver_check: true };
      expect(await admin('POST', '/users', meant)).toMatchObject({ status: 201 });
      expect(await read(username)).toMatchObject({ displayname: 'Ann' });
    });
  });

  describe('a user', () => {
    it('is found by her username in any case, and by her id', async () => {
      const ann = facts.fresh('ann');
      const id = await addUser(ann);
      for (const path of [
        `/users/by-username/${ann}`,
        `/users/by-username/${ann.toUpperCase()}`,
        `/users/${id}`,
      ]) {
        expect(await admin('GET', path)).toMatchObject({ status: 200, body: { data: { type: 'user', id } } });
      }
    });

    it('that there is not is 404, and an id that is none 400', async () => {
      expect(await admin('GET', `/users/by-username/${facts.fresh('nobody')}`)).toMatchObject({
        status: 404,
      });
      expect(await admin('GET', `/users/${NOBODY}`)).toMatchObject({
        status: 404,
        body: errors(`User ID ${NOBODY} not found`),
      });
      expect(await admin('GET', '/users/nonsense')).toMatchObject({ status: 400 });
    });

    it('may ask for admin rights or not; Synapse does not hear of it', async () => {
      const ann = facts.fresh('ann');
      const id = await addUser(ann);
      for (const isAdmin of [true, false]) {
        expect(await admin('POST', `/users/${id}/set-admin`, { admin: isAdmin })).toMatchObject({
          status: 200,
          body: { data: { attributes: { admin: isAdmin } } },
        });
        await facts.server.settle();
        expect(await read(ann)).toMatchObject({ admin: false });
      }
    });
  });

  describe('an account that Synapse has and MAS has not', () => {
    it('is not made by Synapse’s admin API, or can not be signed in to, and takes the name', async () => {
      const ann = facts.fresh('ann');
      const put = await synapse('PUT', account(ann), {});
      // 403 since Synapse 1.163.
      if (put.status === 403) {
        expect(put.body).toMatchObject({ errcode: 'M_FORBIDDEN' });
        expect(await synapse('GET', account(ann))).toMatchObject({ status: 404 });
        return;
      }
      expect(put).toMatchObject({ status: 201, body: { name: userId(ann) } });
      expect(await admin('POST', '/users', { username: ann })).toMatchObject({
        status: 409,
        body: errors('Username is reserved by the homeserver'),
      });
      const skipped = { username: ann, skip_homeserver_check: true };
      expect(await admin('POST', '/users', skipped)).toMatchObject({ status: 201 });
    });
  });

  describe('the list of users', () => {
    it('comes in pages of ten, in the order of ids, with the next one in links.next', async () => {
      const made: string[] = [];
      for (let count = 0; count < 11; count += 1) made.push(await addUser(facts.fresh('ann')));
      const seen: unknown[] = [];
      let next: unknown = '/api/admin/v1/users';
      let pages = 0;
      while (typeof next === 'string') {
        const headers = { authorization: `Bearer ${await token()}` };
        const page = await raw('GET', next, { headers });
        expect(page.status).toBe(200);
        expect(itemsOf(page).length).toBeLessThanOrEqual(10);
        seen.push(...itemsOf(page).map(({ id }) => id));
        next = Object(page.body.links).next;
        pages += 1;
      }
      expect(pages).toBeGreaterThan(1);
      expect(seen).toEqual([...new Set(seen)].sort());
      expect(new Set(seen)).toEqual(new Set([...seen, ...made]));
    });

    it('takes a larger page, tells how many there are, and marks each with its cursor', async () => {
      const id = await addUser(facts.fresh('ann'));
      const page = await admin('GET', '/users?page[first]=1000');
      expect(page.body.meta).toEqual({ count: itemsOf(page).length });
      expect(itemsOf(page).find((item) => item.id === id)).toMatchObject({ meta: { page: { cursor: id } } });
      expect(page.body.links).not.toHaveProperty('next');
      const uncounted = await admin('GET', '/users?page[first]=1&count=false');
      expect(uncounted.body).not.toHaveProperty('meta');
      const counted = await admin('GET', '/users?count=only');
      expect(counted.body).not.toHaveProperty('data');
      expect(counted.body.meta).toEqual({ count: expect.any(Number) });
    });

    it('can be asked for those whose username has a text in it', async () => {
      const ann = facts.fresh('ann');
      const id = await addUser(ann);
      const found = await admin('GET', `/users?filter[search]=${ann.slice(1).toUpperCase()}`);
      expect(itemsOf(found)).toMatchObject([{ id }]);
    });

    it('refuses a status that there is not, and a page of nothing, with 400', async () => {
      expect(await admin('GET', '/users?filter[status]=gone')).toMatchObject({ status: 400 });
      expect(await admin('GET', '/users?page[first]=0')).toMatchObject({ status: 400 });
    });
  });
}
