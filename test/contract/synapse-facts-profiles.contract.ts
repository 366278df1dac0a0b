import { describe, expect, it } from 'vitest';
import { callsOf, email, external, type Facts, paths } from './synapse-facts.ts';

export function describeProfileFacts(facts: Facts): void {
  const { get, put, request } = callsOf(facts);
  const erase = (user: string) => request('POST', paths.deactivate(user), { erase: true });

  describe('an avatar', () => {
    it('is any text of up to 1000 characters, and none if it is empty', async () => {
      const ann = facts.freshId('ann');
      const avatar_url = 'mxc://usher.test/nothing-there';
      expect(await put(ann, { avatar_url })).toMatchObject({ status: 201, body: { avatar_url } });
      expect(await put(ann, { avatar_url: `mxc://${'x'.repeat(1000)}` })).toMatchObject({ status: 400 });
      expect(await put(ann, { displayname: 'Ann' })).toMatchObject({ body: { avatar_url } });
      expect(await put(ann, { avatar_url: '' })).toMatchObject({ status: 200, body: { avatar_url: null } });
    });
  });

  describe('media', () => {
    it('that is not there is 404 M_NOT_FOUND, and an upload without a token 401', async () => {
      const path = '/_matrix/client/v1/media/download/usher.test/nothing';
      const missing = { status: 404, body: { errcode: 'M_NOT_FOUND' } };
      expect(await request('GET', path)).toMatchObject(missing);
      expect(await request('POST', '/_matrix/media/v3/upload', {}, '')).toMatchObject({ status: 401 });
    });
  });

  describe('a user name', () => {
    it('is free, or 400 M_USER_IN_USE, or 400 M_EXCLUSIVE', async () => {
      const [ann, gone] = [facts.fresh('ann'), facts.freshId('gone')];
      expect(await request('GET', paths.usernameAvailable(ann))).toEqual({
        status: 200,
        body: { available: true },
      });
      await put(gone, {});
      await put(gone, { deactivated: true });
      const name = gone.slice(1, gone.indexOf(':'));
      expect(await request('GET', paths.usernameAvailable(name))).toMatchObject({
        status: 400,
        body: { errcode: 'M_USER_IN_USE' },
      });
      const exclusive = { status: 400, body: { errcode: 'M_EXCLUSIVE' } };
      expect(await request('GET', paths.usernameAvailable('bridge1'))).toMatchObject(exclusive);
      expect(await put(`@bridge1:${facts.server.serverName}`, {})).toMatchObject(exclusive);
    });

    it.each(['ANN', 'ann b', '12345', '_ann', '_bridge_1', '', 'a'.repeat(256)])(
      'that can be none is 400 M_INVALID_USERNAME: %.12s',
      async (name) => {
        expect(await request('GET', paths.usernameAvailable(name))).toMatchObject({
          status: 400,
          body: { errcode: 'M_INVALID_USERNAME' },
        });
      },
    );
  });

  describe('an account that is erased', () => {
    it('is deactivated, without a profile, and keeps its external ids and its lock', async () => {
      const ann = facts.freshId('ann');
      const external_ids = [external(ann)];
      await put(ann, { external_ids, displayname: 'Ann', avatar_url: 'mxc://usher.test/a' });
      await put(ann, { locked: true, threepids: [email(`${facts.fresh('a')}@example.org`)] });
      expect(await erase(ann)).toEqual({ status: 200, body: { id_server_unbind_result: 'success' } });
      expect(await get(ann)).toMatchObject({
        body: {
          deactivated: true,
          erased: true,
          locked: true,
          displayname: null,
          avatar_url: null,
          threepids: [],
          external_ids,
        },
      });
    });

    it('may have been deactivated before, stays erased by a deactivation, and comes back by a change', async () => {
      const ann = facts.freshId('ann');
      await put(ann, { displayname: 'Ann' });
      expect(await put(ann, { deactivated: true })).toMatchObject({ body: { erased: false } });
      expect(await get(ann)).toMatchObject({ body: { displayname: 'Ann' } });
      expect(await erase(ann)).toMatchObject({ status: 200 });
      expect(await put(ann, { deactivated: true })).toMatchObject({ body: { erased: true } });
      expect(await request('POST', paths.deactivate(ann), { erase: false })).toMatchObject({ status: 200 });
      expect(await get(ann)).toMatchObject({ body: { deactivated: true, erased: true } });
      expect(await put(ann, { deactivated: false })).toMatchObject({
        status: 200,
        body: { deactivated: false, erased: false, displayname: null },
      });
    });

    it('must be one: 404 M_NOT_FOUND for none, 400 for one of another server', async () => {
      expect(await erase(facts.freshId('nobody'))).toMatchObject({
        status: 404,
        body: { errcode: 'M_NOT_FOUND' },
      });
      expect(await erase('@ann:elsewhere.invalid')).toMatchObject({ status: 400 });
    });
  });
}
