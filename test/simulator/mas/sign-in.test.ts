import { describe, expect, it } from 'vitest';
import type { OnConflict } from '../../../src/simulator/mas/upstream.ts';
import { startStage } from './stage.ts';

const ANN = { subject: 'sub-of-ann', username: 'ann', displayName: 'Ann', email: 'ann@example.org' };

async function startWith(onConflict: OnConflict = 'fail') {
  const stage = await startStage({ provider: { issuer: 'https://idp.example/', onConflict } });
  return { ...stage, signIn: (claims = ANN) => stage.mas.signIn(stage.server.providerId, claims) };
}

describe('signing in by an upstream provider', () => {
  it('lands on the account that is linked, whatever name the provider gives', async () => {
    const { signIn, addUser, link } = await startWith();
    const id = await addUser('ann-b');
    await link(id, ANN.subject);
    expect(signIn({ ...ANN, username: 'other' })).toMatchObject({ outcome: 'signed-in', user: { id } });
  });

  it('makes an account for who has none, and Synapse hears of her', async () => {
    const { signIn, mas, read } = await startWith();
    expect(signIn()).toMatchObject({ outcome: 'signed-in', user: { username: 'ann' } });
    expect(mas.upstream.links()).toMatchObject([
      { subject: ANN.subject, userId: mas.users.byUsername('ann')?.id },
    ]);
    expect(await read('ann')).toMatchObject({
      displayname: 'Ann',
      threepids: [{ medium: 'email', address: ANN.email }],
    });
  });

  it('is refused where the name is another’s, and leaves a link without a user that can be given one', async () => {
    const { signIn, addUser, admin, link } = await startWith();
    const id = await addUser('ann');
    expect(signIn()).toEqual({ outcome: 'user-exists' });
    expect(await admin('GET', '/upstream-oauth-links')).toMatchObject({
      body: { data: [{ attributes: { user_id: null, subject: ANN.subject } }] },
    });
    expect(await link(id, ANN.subject)).toMatchObject({
      status: 200,
      body: { data: { attributes: { user_id: id, human_account_name: null } } },
    });
    expect(signIn()).toMatchObject({ outcome: 'signed-in', user: { id } });
  });

  it.each([
    ['add', 2],
    ['replace', 1],
  ] as const)('takes the account over with on_conflict: %s', async (onConflict, links) => {
    const { signIn, addUser, link, mas } = await startWith(onConflict);
    const id = await addUser('ann');
    await link(id, 'sub-of-before');
    expect(signIn()).toMatchObject({ outcome: 'signed-in', user: { id } });
    expect(mas.upstream.links().filter(({ userId }) => userId === id)).toHaveLength(links);
  });

  it('takes it over with on_conflict: set only if nobody is linked to it', async () => {
    const { signIn, addUser, link } = await startWith('set');
    const id = await addUser('ann');
    expect(signIn()).toMatchObject({ outcome: 'signed-in', user: { id } });
    await link(await addUser('bob'), 'sub-of-bob');
    expect(signIn({ ...ANN, subject: 'another', username: 'bob' })).toEqual({ outcome: 'user-exists' });
  });

  it.each([
    ['lock', 'locked'],
    ['deactivate', 'deactivated'],
  ])('is refused to one after %s', async (deed, outcome) => {
    const { signIn, addUser, link, admin, mas } = await startWith();
    const id = await addUser('ann');
    await link(id, ANN.subject);
    await admin('POST', `/users/${id}/${deed}`);
    expect(signIn()).toMatchObject({ outcome, user: { id } });
    expect(mas.sessions.browser.size).toBe(0);
  });

  it('is refused where Synapse has an account that MAS does not know', async () => {
    const { signIn, world } = await startWith();
    world.register('ann');
    expect(signIn()).toEqual({ outcome: 'localpart-not-available' });
  });

  it('is refused for a name that MAS does not allow, and by a provider that is disabled', async () => {
    const { signIn, mas, server } = await startWith();
    expect(signIn({ ...ANN, username: 'Ann B' })).toEqual({ outcome: 'policy-error' });
    expect(signIn({ ...ANN, username: '_ann' })).toEqual({ outcome: 'localpart-not-available' });
    mas.upstream.disableProvider(server.providerId);
    expect(signIn()).toEqual({ outcome: 'provider-disabled' });
  });
});
