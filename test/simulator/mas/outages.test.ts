import { describe, expect, it } from 'vitest';
import { errors, text } from '../../contract/mas-facts.ts';
import { startStage } from './stage.ts';

const MINUTE = 60_000;
const REMEMBERED = 2 * MINUTE;

describe('while Synapse is down', () => {
  it('MAS makes nobody, and nothing is left of it', async () => {
    const { admin, world, server } = await startStage();
    await server.stop();
    expect(await admin('POST', '/users', { username: 'ann' })).toMatchObject({ status: 500 });
    await server.start();
    expect(await admin('GET', '/users/by-username/ann')).toMatchObject({ status: 404 });
    expect(world.accounts.all()).toHaveLength(1);
    expect(await admin('POST', '/users', { username: 'ann' })).toMatchObject({ status: 201 });
  });

  it('MAS locks, and tells Synapse later', async () => {
    const { admin, addUser, server, mas, read } = await startStage();
    const id = await addUser('ann');
    await server.stop();
    expect(await admin('POST', `/users/${id}/lock`)).toMatchObject({ status: 200 });
    expect(mas.jobs.waiting()).toBe(1);
    await server.start();
    expect(await read('ann')).toMatchObject({ locked: true });
    expect(mas.jobs.waiting()).toBe(0);
  });

  it('MAS reactivates nobody', async () => {
    const { admin, addUser, server } = await startStage();
    const id = await addUser('ann');
    await admin('POST', `/users/${id}/deactivate`, { skip_erase: true });
    await server.stop();
    expect(await admin('POST', `/users/${id}/reactivate`)).toMatchObject({ status: 500 });
    expect(await admin('GET', `/users/${id}`)).toMatchObject({
      body: { data: { attributes: { deactivated_at: expect.any(String) } } },
    });
  });
});

describe('an answer of Synapse that is lost', () => {
  it('leaves an account that MAS does not know', async () => {
    const { admin, mas, read } = await startStage();
    mas.homeserver.losesNextAnswer = true;
    expect(await admin('POST', '/users', { username: 'ann' })).toMatchObject({ status: 500 });
    expect(await read('ann')).toMatchObject({ name: '@ann:usher.test' });
    expect(await admin('POST', '/users', { username: 'ann' })).toMatchObject({
      status: 409,
      body: errors('Username is reserved by the homeserver'),
    });
  });
});

describe('a deactivation that MAS could not tell Synapse yet', () => {
  it('undoes a reactivation', async () => {
    const { admin, addUser, mas, read } = await startStage();
    const id = await addUser('ann');
    mas.jobs.hold();
    await admin('POST', `/users/${id}/deactivate`, { skip_erase: true });
    expect(await read('ann')).toMatchObject({ deactivated: false });
    expect(await admin('POST', `/users/${id}/reactivate`)).toMatchObject({ status: 200 });
    mas.jobs.run();
    expect(await read('ann')).toMatchObject({ deactivated: true });
    expect(await admin('GET', `/users/${id}`)).toMatchObject({
      body: { data: { attributes: { deactivated_at: expect.any(String) } } },
    });
  });
});

describe.each(['msw', 'http'] as const)('while MAS is down (%s)', (via) => {
  it('Synapse serves whose token it knows for two minutes, and answers others with 503', async () => {
    const { server, whoami, advance } = await startStage({ via });
    const [used, unused] = [await server.personalToken(server.bot), await server.personalToken(server.bot)];
    const missing = { status: 503, body: { errcode: 'M_UNKNOWN' } };
    expect(await whoami(used)).toMatchObject({ status: 200 });
    await server.stopMas();
    expect(await whoami(used)).toMatchObject({ status: 200 });
    expect(await whoami(unused)).toMatchObject(missing);
    advance(REMEMBERED);
    expect(await whoami(used)).toMatchObject(missing);
    await server.startMas();
    expect(await whoami(unused)).toMatchObject({ status: 200 });
  });
});

describe('while MAS is down', () => {
  it('Synapse tells who signs people in only if it has asked before', async () => {
    const { server, synapse } = await startStage();
    const ask = () => synapse('GET', '/_matrix/client/v1/auth_metadata', undefined, '');
    await server.stopMas();
    expect(await ask()).toMatchObject({ status: 500, body: { errcode: 'M_UNKNOWN' } });
    await server.startMas();
    expect(await ask()).toMatchObject({ status: 200 });
    await server.stopMas();
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it('nothing but an error of a proxy comes from it', async () => {
    const { server, raw } = await startStage();
    await server.stopMas();
    expect(await raw('GET', '/api/admin/v1/users')).toMatchObject({ status: 502, body: {} });
  });
});

describe('time', () => {
  it('ends a token of the admin API after 300 s', async () => {
    const { admin, advance, calls } = await startStage();
    expect(await admin('GET', '/version')).toMatchObject({ status: 200 });
    advance(299_000);
    expect(await admin('GET', '/version')).toMatchObject({ status: 200 });
    advance(1_000);
    expect(await admin('GET', '/version')).toMatchObject({
      status: 401,
      body: errors('Access token expired'),
    });
    expect(await calls().admin('GET', '/version')).toMatchObject({ status: 200 });
  });

  it('lets Synapse forget what it was told of a token, good or bad', async () => {
    const { addUser, mint, tokenOf, admin, whoami, advance } = await startStage();
    const id = await addUser('ann');
    const [used, refused] = [tokenOf(await mint(id)), tokenOf(await mint(id))];
    expect(await whoami(used)).toMatchObject({ status: 200 });
    await admin('POST', `/users/${id}/lock`);
    expect(await whoami(refused)).toMatchObject({ status: 401 });
    expect(await whoami(used)).toMatchObject({ status: 200 });
    advance(REMEMBERED);
    expect(await whoami(used)).toMatchObject({ status: 401 });
    await admin('POST', `/users/${id}/unlock`);
    expect(await whoami(used)).toMatchObject({ status: 401 });
    advance(REMEMBERED);
    expect(await whoami(used)).toMatchObject({ status: 200 });
    expect(await whoami(refused)).toMatchObject({ status: 200 });
  });

  it('ends a personal session in Synapse, too, though it remembers the token', async () => {
    const { addUser, mint, tokenOf, whoami, advance } = await startStage();
    const minted = await mint(await addUser('ann'), { expires_in: 60 });
    expect(text(minted, ['data', 'attributes', 'expires_at'])).toBe('2026-11-23T00:01:00Z');
    advance(59_000);
    expect(await whoami(tokenOf(minted))).toMatchObject({ status: 200 });
    advance(1_000);
    expect(await whoami(tokenOf(minted))).toMatchObject({ status: 401 });
  });
});

describe('a MAS that may only read in Synapse', () => {
  it('makes nobody, and no session with a device, and says why', async () => {
    const { admin, addUser, mint, mas, world } = await startStage();
    const id = await addUser('ann');
    mas.homeserver.isReadOnly = true;
    expect(await admin('POST', '/users', { username: 'bob' })).toMatchObject({
      status: 500,
      body: errors('Provisioning is not supported in read-only mode'),
    });
    const scope = 'urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ';
    expect((await mint(id, { scope })).status).toBe(500);
    expect((await admin('GET', '/users?count=only')).body).toMatchObject({ meta: { count: 2 } });
    expect((await admin('GET', `/personal-sessions?filter[actor_user]=${id}`)).body).toMatchObject({
      data: [],
    });
    expect(world.accounts.all()).toHaveLength(2);
  });

  it('locks nobody in Synapse', async () => {
    const { admin, addUser, mas, synapse, account } = await startStage();
    const id = await addUser('ann');
    await synapse('GET', account('ann'));
    mas.homeserver.isReadOnly = true;
    expect(await admin('POST', `/users/${id}/lock`)).toMatchObject({ status: 200 });
    expect((await synapse('GET', account('ann'))).body).toMatchObject({ locked: false });
  });
});
