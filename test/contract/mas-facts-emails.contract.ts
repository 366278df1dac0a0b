import { describe, expect, it } from 'vitest';
import { type Calls, errors, itemsOf, type MasFacts, text } from './mas-facts.ts';

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export function describeEmailFacts(facts: MasFacts, calls: Calls): void {
  const { admin, addUser, addEmail, read, synapse, account } = calls;
  const stored = (address: string) => expect.objectContaining({ medium: 'email', address });

  describe('an e-mail', () => {
    it('is added with 201, kept as it was given, and told to Synapse, which has it in lower case', async () => {
      const ann = facts.fresh('ann');
      const [userId, email] = [await addUser(ann), `${ann}@Example.ORG`];
      const added = await addEmail(userId, email);
      const id = text(added, ['data', 'id']);
      expect(added.status).toBe(201);
      expect(added.body.data).toEqual({
        type: 'user-email',
        id,
        attributes: { created_at: expect.any(String), user_id: userId, email },
        links: { self: `/api/admin/v1/user-emails/${id}` },
      });
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({ threepids: [stored(email.toLowerCase())] });
    });

    it('that anybody has, in any case, is refused with 409, the same user’s too', async () => {
      const [ann, bob] = [await addUser(facts.fresh('ann')), await addUser(facts.fresh('bob'))];
      const email = `${facts.fresh('a')}@example.org`;
      await addEmail(ann, email);
      for (const [userId, address] of [
        [ann, email],
        [bob, email.toUpperCase()],
      ] as const) {
        expect(await addEmail(userId, address)).toMatchObject({
          status: 409,
          body: errors(`User email ${JSON.stringify(address)} already in use`),
        });
      }
    });

    it('is looked for in any case, and by user', async () => {
      const userId = await addUser(facts.fresh('ann'));
      const email = `${facts.fresh('a')}@example.org`;
      await addEmail(userId, email);
      const found = { attributes: { user_id: userId, email } };
      const byAddress = await admin('GET', `/user-emails?filter[email]=${email.toUpperCase()}`);
      expect(itemsOf(byAddress)).toMatchObject([found]);
      expect(itemsOf(await admin('GET', `/user-emails?filter[user]=${userId}`))).toMatchObject([found]);
      expect((await admin('GET', `/user-emails?filter[user]=${NOBODY}`)).status).toBe(404);
    });

    it('has to be an address (400) of somebody (404)', async () => {
      const userId = await addUser(facts.fresh('ann'));
      expect(await addEmail(userId, 'no address')).toMatchObject({ status: 400 });
      expect(await addEmail(NOBODY, 'a@example.org')).toMatchObject({
        status: 404,
        body: errors(`User ID ${NOBODY} not found`),
      });
    });

    it('is deleted with 204, and Synapse forgets it', async () => {
      const ann = facts.fresh('ann');
      const added = await addEmail(await addUser(ann), `${ann}@example.org`);
      const path = `/user-emails/${text(added, ['data', 'id'])}`;
      expect((await admin('DELETE', path)).status).toBe(204);
      expect((await admin('DELETE', path)).status).toBe(404);
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({ threepids: [] });
    });
  });

  describe('what MAS tells Synapse of a user', () => {
    it('takes the place of e-mails and of a lock that Synapse’s admin API set', async () => {
      const ann = facts.fresh('ann');
      const [userId, email] = [await addUser(ann), `${ann}@example.org`];
      const stray = { medium: 'email', address: `stray-${email}` };
      const phone = { medium: 'msisdn', address: `49${Date.now()}` };
      const put = await synapse('PUT', account(ann), { threepids: [stray, phone], locked: true });
      expect(put).toMatchObject({ status: 200, body: { locked: true } });
      expect(put.body.threepids).toHaveLength(2);
      await addEmail(userId, email);
      await facts.server.settle();
      const { locked, threepids } = await read(ann);
      expect(locked).toBe(false);
      expect(new Set(Array.isArray(threepids) ? threepids : [])).toEqual(
        new Set([stored(email), expect.objectContaining(phone)]),
      );
    });

    it('leaves the display name and the avatar alone', async () => {
      const ann = facts.fresh('ann');
      const userId = await addUser(ann, { displayname: 'Ann' });
      const avatar_url = `mxc://${facts.server.serverName}/abc`;
      expect(await synapse('PUT', account(ann), { displayname: 'Ann B', avatar_url })).toMatchObject({
        status: 200,
        body: { displayname: 'Ann B' },
      });
      await addEmail(userId, `${ann}@example.org`);
      await facts.server.settle();
      expect(await read(ann)).toMatchObject({ displayname: 'Ann B', avatar_url });
    });
  });
}
