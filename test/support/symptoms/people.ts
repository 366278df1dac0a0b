import { onTestFinished } from 'vitest';
import { type Looking, lookAt } from '../../cli/look/stage.ts';

const ENG = '#eng:example.com';
/** Nothing is taken away without a person. */
const HOLDING = { REMOVAL_LIMIT_PERCENT: '0', REMOVAL_LIMIT_COUNT: '0' };

/** What `usher explain` says of people who are not in a room, or still are. */
export async function sayOfPeople(): Promise<readonly string[]> {
  return [
    ...(await explainAbsence()),
    ...(await explainPresence()),
    await explainDryRun(),
    await refuseRemoval(),
  ];
}

/** Engineering with these people, in a room that it opens. */
async function engineering(stage: Looking, names: readonly string[]) {
  const ids = new Map<string, string>();
  for (const name of names) ids.set(name, await stage.provider.createUser({ userName: name }));
  const group = await stage.provider.createGroup('Engineering', 'ext-eng', [...ids.values()]);
  await stage.settle();
  const idOf = (name: string): string => ids.get(name) ?? '';
  const explain = async (name: string, room = ENG): Promise<string> =>
    (await stage.look('explain', name, room)).stdout;
  return { group, idOf, explain };
}

async function explainAbsence(): Promise<readonly string[]> {
  const stage = await lookAt(() => ({ 'ext-eng': ENG }));
  const { homeserver, mod, eng, provider, settle, resync } = stage;
  const names = ['ann', 'bob', 'cem', 'dee', 'eve'];
  const { group, idOf, explain } = await engineering(stage, names);
  await (await homeserver.person('ann')).leave(eng);
  await mod.kick(eng, '@bob:example.com' as never);
  await mod.ban(eng, '@cem:example.com' as never);
  await provider.putUser(idOf('dee'), { userName: 'dee', active: false });
  await provider.deleteUser(idOf('eve'));
  await provider.createUser({ userName: 'fay' });
  await resync();
  const explained: string[] = [];
  for (const name of [...names, 'fay', '@eve:example.com']) explained.push(await explain(name));
  explained.push(await explain('fay', '#lobby:example.com'));
  await homeserver.stop();
  onTestFinished(() => homeserver.start());
  await provider.addMembers(group, await provider.createUser({ userName: 'gil' }));
  await settle();
  return [...explained, await explain('gil')];
}

async function explainPresence(): Promise<readonly string[]> {
  const additive = { room: '#lobby:example.com', mode: 'additive' };
  const stage = await lookAt(() => ({ 'ext-eng': [ENG, additive] }), HOLDING);
  const { homeserver, mod, eng, provider, settle } = stage;
  const { group, idOf, explain } = await engineering(stage, ['ann', 'bob']);
  await provider.createUser({ userName: 'cem' });
  await settle();
  await mod.invite(eng, '@cem:example.com' as never);
  await (await homeserver.person('cem')).join(eng);
  await provider.removeMembers(group, idOf('bob'));
  await settle();
  const held = await explain('bob');
  const [, digest = ''] = /^Held +(\w+):/m.exec(held) ?? [];
  await stage.look('reject', digest);
  await settle();
  return [held, await explain('bob'), await explain('bob', '#lobby:example.com'), await explain('cem')];
}

async function explainDryRun(): Promise<string> {
  const stage = await lookAt(() => ({ 'ext-eng': ENG }), { DRY_RUN: 'true' });
  const { explain } = await engineering(stage, ['ann']);
  return explain('ann');
}

/** Her power is that of the bot. */
async function refuseRemoval(): Promise<string> {
  const stage = await lookAt(() => ({ 'ext-eng': '#old:example.com' }));
  const room = await stage.mod.createRoom({ version: '11', alias: 'old' });
  await stage.resync();
  const { group, idOf } = await engineering(stage, ['ann']);
  await stage.mod.setPower(room, '@ann:example.com' as never, 100);
  await stage.provider.removeMembers(group, idOf('ann'));
  await stage.settle();
  return (await stage.look('users', '--failing')).stdout;
}
