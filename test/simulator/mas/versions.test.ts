import { describe, expect, it } from 'vitest';
import { startStage } from './stage.ts';

describe('MAS 1.17', () => {
  it('takes no display name for a new user', async () => {
    const { addUser, read } = await startStage({ version: '1.17.0' });
    await addUser('ann', { displayname: 'Ann' });
    expect(await read('ann')).toMatchObject({ displayname: 'ann' });
  });
});

describe('MAS 1.13', () => {
  it('locks without telling Synapse', async () => {
    const { addUser, admin, read } = await startStage({ version: '1.13.0' });
    const id = await addUser('ann');
    expect(await admin('POST', `/users/${id}/lock`)).toMatchObject({
      body: { data: { attributes: { locked_at: expect.any(String) } } },
    });
    expect(await read('ann')).toMatchObject({ locked: false });
  });
});

describe.each([
  ['1.4.0', ['/personal-sessions']],
  ['1.3.0', ['/personal-sessions', '/version']],
  ['1.2.0', ['/personal-sessions', '/version', '/site-config', '/upstream-oauth-providers']],
])('MAS %s', (version, missing) => {
  it('has not what came later, and the rest', async () => {
    const { admin } = await startStage({ version });
    const paths = ['/personal-sessions', '/version', '/site-config', '/upstream-oauth-providers', '/users'];
    for (const path of paths) {
      expect.soft({ path, status: (await admin('GET', path)).status }).toEqual({
        ...{ path, status: missing.includes(path) ? 404 : 200 },
      });
    }
  });
});

describe('MAS 0.19', () => {
  it('makes a user before Synapse knows of her', async () => {
    const { admin, mas, world } = await startStage({ version: '0.19.0' });
    mas.jobs.hold();
    expect(await admin('POST', '/users', { username: 'ann' })).toMatchObject({ status: 201 });
    expect(world.accounts.all()).toHaveLength(1);
    mas.jobs.run();
    expect(world.accounts.all()).toHaveLength(2);
  });

  it('erases and locks whom it deactivates, whatever is asked, and gives her back by unlock', async () => {
    const { admin, addUser, world, server } = await startStage({ version: '0.19.0' });
    const id = await addUser('ann');
    const [ann] = world.accounts.all();
    if (ann === undefined) throw new Error('no account');
    expect(await admin('POST', `/users/${id}/deactivate`, { skip_erase: true })).toMatchObject({
      body: { data: { attributes: { locked_at: expect.any(String) } } },
    });
    expect(world.accounts.get(ann.userId)).toMatchObject({ deactivated: true });
    expect(world.accounts.isErased(ann.userId)).toBe(true);
    expect(await admin('POST', `/users/${id}/reactivate`)).toMatchObject({ status: 404 });
    expect(await admin('POST', `/users/${id}/unlock`)).toMatchObject({
      body: { data: { attributes: { locked_at: null } } },
    });
    expect(world.accounts.get(ann.userId)).toMatchObject({ deactivated: false });
    expect(server.mas.users.get(id)?.deactivatedAt).toBeUndefined();
  });
});

describe('an admin API that is not there', () => {
  it('is a page with 404, as of a wrong listener', async () => {
    const { mas, admin, token, send, server } = await startStage();
    const headers = { authorization: `Bearer ${await token()}` };
    const wrong = await send('GET', `${server.issuer}api/admin/v1/users`, { headers });
    expect(wrong).toMatchObject({ status: 404, body: {} });
    expect(await admin('GET', '/users')).toMatchObject({ status: 200 });
    mas.hasAdminApi = false;
    expect(await admin('GET', '/users')).toMatchObject({ status: 404, body: {} });
  });
});
