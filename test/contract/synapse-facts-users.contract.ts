import { describe, expect, it } from 'vitest';
import { callsOf, email, external, type Facts, paths } from './synapse-facts.ts';

export function describeUserFacts(facts: Facts): void {
  const { get, put, request } = callsOf(facts);

  describe('PUT of a user', () => {
    it('creates a new one with 201, whose display name is its localpart if none is given', async () => {
      const ann = facts.freshId('ann');
      const created = await put(ann, {});
      expect(created).toMatchObject({
        status: 201,
        body: { name: ann, displayname: ann.slice(1, ann.indexOf(':')), admin: false, appservice_id: null },
      });
    });

    it('changes an existing one with 200, and only in the fields given', async () => {
      const ann = facts.freshId('ann');
      await put(ann, { displayname: 'Ann', external_ids: [external(ann)] });
      expect(await put(ann, { displayname: 'Ann B' })).toMatchObject({
        status: 200,
        body: { displayname: 'Ann B', external_ids: [external(ann)] },
      });
    });

    it('removes the display name when an empty one is given, and refuses one of more than 256', async () => {
      const ann = facts.freshId('ann');
      await put(ann, { displayname: 'Ann' });
      expect(await put(ann, { displayname: '' })).toMatchObject({ status: 200, body: { displayname: null } });
      expect(await put(ann, { displayname: 'x'.repeat(257) })).toMatchObject({ status: 400 });
    });

    it('answers 409 to an external id in use, and creates the account all the same, without it', async () => {
      const [ann, bob] = [facts.freshId('ann'), facts.freshId('bob')];
      await put(ann, { external_ids: [external(ann)] });
      expect(await put(bob, { external_ids: [external(ann)] })).toMatchObject({
        status: 409,
        body: { errcode: 'M_UNKNOWN' },
      });
      expect(await get(bob)).toMatchObject({ status: 200, body: { external_ids: [] } });
    });

    it('takes an e-mail away from the account that has it, and says nothing', async () => {
      const [ann, bob] = [facts.freshId('ann'), facts.freshId('bob')];
      const address = `${facts.fresh('a')}@example.org`;
      await put(ann, { threepids: [email(address)] });
      expect(await put(bob, { threepids: [email(address)] })).toMatchObject({ status: 201 });
      expect(await get(ann)).toMatchObject({ body: { threepids: [] } });
      expect(await request('GET', paths.byEmail(address))).toMatchObject({
        status: 200,
        body: { user_id: bob },
      });
    });

    it('replaces the whole list of external ids and of threepids', async () => {
      const ann = facts.freshId('ann');
      const [first, second] = [facts.fresh('a'), facts.fresh('b')];
      const listsOf = (name: string) => ({
        external_ids: [external(name)],
        threepids: [email(`${name}@example.org`)],
      });
      await put(ann, listsOf(first));
      expect(await put(ann, listsOf(second))).toMatchObject({ status: 200, body: listsOf(second) });
    });

    it.each([
      ['of upper case', 'ANN'],
      ['with a blank', 'ann b'],
      ['of digits only', '12345'],
      ['that begins with an underscore', '_ann'],
      ['that makes the id longer than 255 characters', 'a'.repeat(256)],
    ])('refuses a localpart %s with 400 M_INVALID_USERNAME', async (_, localpart) => {
      expect(await put(`@${localpart}:${facts.server.serverName}`, {})).toMatchObject({
        status: 400,
        body: { errcode: 'M_INVALID_USERNAME' },
      });
    });

    it('answers 400 to an e-mail it can not parse, and creates the account, without the external id', async () => {
      const ann = facts.freshId('ann');
      const body = { threepids: [email('not an address')], external_ids: [external(ann)] };
      expect(await put(ann, body)).toMatchObject({ status: 400 });
      expect(await get(ann)).toMatchObject({ status: 200, body: { threepids: [], external_ids: [] } });
    });

    it('answers 400 to an e-mail it can not parse, and drops those that the account had', async () => {
      const ann = facts.freshId('ann');
      await put(ann, { threepids: [email(`${facts.fresh('a')}@example.org`)] });
      expect(await put(ann, { threepids: [email('not an address')] })).toMatchObject({ status: 400 });
      expect(await get(ann)).toMatchObject({ body: { threepids: [] } });
    });

    it('does not check that there is such a provider', async () => {
      const ann = facts.freshId('ann');
      const unknown = { auth_provider: 'oidc-no-such', external_id: ann };
      expect(await put(ann, { external_ids: [unknown] })).toMatchObject({
        status: 201,
        body: { external_ids: [unknown] },
      });
    });

    it('creates an account when one that does not exist is to be locked, and does not lock it', async () => {
      const nobody = facts.freshId('nobody');
      expect(await put(nobody, { locked: true })).toMatchObject({ status: 201, body: { locked: false } });
    });

    it('refuses an account of another server with 400', async () => {
      expect(await put('@ann:elsewhere.invalid', {})).toMatchObject({ status: 400 });
      expect(await get('@ann:elsewhere.invalid')).toMatchObject({ status: 400 });
    });
  });
}
