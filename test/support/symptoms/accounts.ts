import { type Looking, lookAt } from '../../cli/look/stage.ts';
import type { PushedUser } from '../provider.ts';
import { IDP } from '../usher.ts';

/** What is said of people whose account somebody has to decide about, and of what is found on accounts. */
export async function sayOfAccounts(): Promise<readonly string[]> {
  return [
    ...(await sayOfThoseThatExist()),
    ...(await sayOfThoseThatChanged()),
    ...(await sayOfTheLastAdmin()),
  ];
}

/** Pushes them, and what is said of them then. */
async function push({ provider, settle, look }: Looking, users: readonly PushedUser[]) {
  for (const user of users) await provider.createUser(user);
  await settle();
  return [(await look('conflicts')).stdout, (await look('journal')).stdout];
}

async function sayOfThoseThatExist(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({}), { PROTECTED_USERS: '@hal:example.com', AVATARS: 'sync' });
  await stage.homeserver.person('dee');
  await stage.homeserver.person('hal');
  await stage.homeserver.admin('boss');
  const refused = await push(stage, [
    { userName: 'dee' },
    { userName: 'hal' },
    { userName: 'boss' },
    { userName: '12345' },
    { userName: 'bridge-bot' },
    { userName: 'ivy', photo: 'http://127.0.0.1:1/ivy.png' },
  ]);
  await stage.close();
  const adopting = await lookAt(() => ({}), { EXISTING_ACCOUNTS: 'adopt' });
  await adopting.homeserver.person('eve');
  await change(adopting, 'eve', { external_ids: [{ auth_provider: IDP, external_id: 'another' }] });
  return [...refused, ...(await push(adopting, [{ userName: 'eve' }]))];
}

async function sayOfThoseThatChanged(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({}));
  const people: (readonly [id: string, userName: string])[] = [];
  for (const userName of ['fay', 'gil', 'ida']) {
    people.push([await stage.provider.createUser({ userName }), userName]);
  }
  await stage.settle();
  await stage.homeserver.person('fay2');
  await change(stage, 'fay', { external_ids: [] });
  await change(stage, 'fay2', { external_ids: [{ auth_provider: IDP, external_id: 'uid-fay' }] });
  await change(stage, 'gil', { deactivated: true });
  await change(stage, 'ida', { locked: true });
  for (const [id, userName] of people) await stage.provider.putUser(id, { userName, displayName: 'New' });
  await stage.settle();
  return [(await stage.look('conflicts')).stdout, (await stage.look('journal')).stdout];
}

async function sayOfTheLastAdmin(): Promise<readonly string[]> {
  const { provider, settle, look } = await lookAt(() => ({ ops: { admin: true } }));
  const group = await provider.createGroup('ops', 'ops', [await provider.createUser({ userName: 'kim' })]);
  await settle();
  await provider.putGroup(group, { displayName: 'ops', externalId: 'ops', members: [] });
  await settle();
  return [(await look('conflicts')).stdout];
}

/** As an admin does in Synapse. */
async function change({ homeserver }: Looking, name: string, fields: object): Promise<void> {
  const path = `/_synapse/admin/v2/users/${encodeURIComponent(`@${name}:example.com`)}`;
  const { status } = await homeserver.request('PUT', path, fields);
  if (status >= 300) throw new Error(`${name} was not changed: ${status}`);
}
