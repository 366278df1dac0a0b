import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type MasStage, openMasStage } from '../support/homeserver/mas-stage.ts';
import { usher as runUsher } from '../support/terminal.ts';
import { type Env, envFor, startUsher } from '../support/usher.ts';

/** An Usher with a room for everybody, and commands beside it. */
async function open(options: Parameters<typeof openMasStage>[0] = {}, env: Env = {}) {
  const stage = await openMasStage(options);
  const room = await stage.owner.createRoom();
  const usher = await startUsher(stage.reached, { '*': room }, { env });
  const command = async (...argv: readonly string[]): Promise<string> => {
    const folder = join(usher.dataDir, '..');
    const { stdout, stderr } = await runUsher(argv, envFor(stage.reached, folder, env));
    return stdout + stderr;
  };
  return { ...stage, stage, room, usher, command, inRoom: (name: string) => stage.isIn(room, name) };
}

/** Synapse has it and MAS does not, as after a creation that broke off, or from before there was a MAS. */
function strand({ world }: MasStage, localpart: string): void {
  world.register(localpart);
}

it('gives nobody an account of MAS because of its name, until somebody links it to her', async () => {
  const { mas, usher, command, signIn, entered, account, subjectsOf, inRoom } = await open();
  mas.register('ann');
  await usher.provider.createUser({ userName: 'ann', email: 'ann@example.org' });
  await usher.provider.createUser({ userName: 'bob' });
  await usher.settle();
  expect(entered('ann')).toBe('user-exists');
  expect([subjectsOf('ann'), inRoom('ann'), inRoom('bob')]).toEqual([[], false, true]);
  expect(await command('conflicts')).toContain('@ann:usher.test exists and is not linked to her');

  await command('link', 'ann', '@ann:usher.test', '--yes');
  await usher.resync();
  expect(entered('ann')).toBe(account('ann'));
  expect(signIn('bob').outcome).toBe('signed-in');
  expect([subjectsOf('ann'), inRoom('ann')]).toEqual([['uid-ann'], true]);
  expect(await command('conflicts')).toBe('Nobody is in conflict.\n');
});

it('names an account that only Synapse has, and makes the way in once it is linked to her', async () => {
  const { stage, usher, command, entered, account, emailsOf, inRoom } = await open();
  strand(stage, 'ann');
  await usher.provider.createUser({ userName: 'ann', email: 'ann@example.org' });
  await usher.provider.createUser({ userName: 'bob' });
  await usher.settle();
  expect([entered('ann'), inRoom('ann'), inRoom('bob')]).toEqual(['localpart-not-available', false, true]);
  expect(await command('conflicts')).toMatch(/the\s+authentication\s+service\s+does\s+not\s+know\s+it/);

  await command('link', 'ann', '@ann:usher.test', '--yes');
  await usher.resync();
  expect([entered('ann'), emailsOf('ann'), inRoom('ann')]).toEqual([
    account('ann'),
    ['ann@example.org'],
    true,
  ]);
});

it('lets somebody in whose user name is none for MAS, and says whose name is reserved', async () => {
  const { usher, command, entered, account, inRoom } = await open();
  for (const userName of ['_ann', 'Ünal@example.org', 'bridge_x', '123', 'bob']) {
    await usher.provider.createUser({ userName, externalId: `id-${userName}` });
  }
  await usher.settle();
  expect(entered('_ann', { subject: 'id-_ann' })).toBe(account('=5fann'));
  expect(entered('Ünal@example.org', { subject: 'id-Ünal@example.org' })).toBe(
    account('=c3=9cnal=40example.org'),
  );
  expect(['=5fann', 'bob'].map(inRoom)).toEqual([true, true]);
  const conflicts = await command('conflicts');
  expect(conflicts).toContain('@bridge_x:usher.test is reserved on the homeserver');
  expect(conflicts).toContain('"123" has only digits');
});

it('gives her display name to Synapse, when MAS does not take it and when it changes', async () => {
  const { usher, world, account } = await open({ version: '1.17.0' });
  const named = (): string | undefined => world.accounts.get(account('ann'))?.displayName;
  const ann = await usher.provider.createUser({ userName: 'ann', displayName: 'Ann' });
  await usher.settle();
  expect(named()).toBe('Ann');
  await usher.provider.putUser(ann, { userName: 'ann', displayName: 'Ann Lee' });
  await usher.settle();
  expect(named()).toBe('Ann Lee');
});

it('follows her to another external id, and leaves the links of others and of other providers alone', async () => {
  const { mas, usher, signIn, entered, account, subjectsOf } = await open();
  const other = mas.upstream.addProvider({ humanName: 'Another' });
  const ann = await usher.provider.createUser({ userName: 'ann', externalId: 'old' });
  await usher.provider.createUser({ userName: 'bob' });
  await usher.settle();
  const user = mas.users.byUsername('ann');
  mas.upstream.addLink({ providerId: other.id, subject: 'elsewhere', humanAccountName: undefined }, user);
  await usher.provider.putUser(ann, { userName: 'ann', externalId: 'new' });
  await usher.settle();
  expect(subjectsOf('ann').toSorted()).toEqual(['elsewhere', 'new']);
  expect(subjectsOf('bob')).toEqual(['uid-bob']);
  expect(entered('ann', { subject: 'new' })).toBe(account('ann'));
  expect(signIn('ann', { subject: 'old' }).outcome).toBe('user-exists');
});

it('changes her e-mail, takes none from anybody, and keeps the one that she added', async () => {
  const { mas, usher, emailsOf, inRoom } = await open();
  const [ann, bob] = [
    await usher.provider.createUser({ userName: 'ann', email: 'ann@example.org' }),
    await usher.provider.createUser({ userName: 'bob', email: 'bob@example.org' }),
  ];
  await usher.settle();
  const user = mas.users.byUsername('ann');
  if (user !== undefined) mas.emails.add(user, 'private@example.org');
  await usher.provider.putUser(ann, { userName: 'ann', email: 'Ann.Lee@example.org' });
  await usher.provider.putUser(bob, { userName: 'bob', email: 'PRIVATE@example.org' });
  await usher.settle();
  const lower = (localpart: string) =>
    emailsOf(localpart)
      .map((each) => each.toLowerCase())
      .toSorted();
  expect(lower('ann')).toEqual(['ann.lee@example.org', 'private@example.org']);
  expect(lower('bob')).not.toContain('private@example.org');
  expect(inRoom('bob')).toBe(true);
});
