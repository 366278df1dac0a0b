import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Looking, lookAt } from '../cli/look/stage.ts';

/** A name that would write over what was printed, colour it, turn it round, and forge a line. */
const EVIL =
  'eve\u001b[31m\u001b]0;title\u0007\u009b2J\rover\u202etxt\u2066\u200f\u2028\nFORGED line\n\u007f';
/** As somebody may type it, or paste it. */
const TYPED = EVIL.replaceAll('\n', ' ');
/** What no terminal may get; a line break ends our own lines only, and a tab is no danger. */
const DANGEROUS = /(?!\t)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

function dangersIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => DANGEROUS.test(line) || line.trimStart().startsWith('FORGED'));
}

/** Somebody who may name people, groups and rooms as she likes. */
async function hostileStage() {
  const stage = await lookAt(({ eng, lobby }) => ({
    'ext-eng': [eng],
    [`name:${EVIL}`]: [lobby],
    [EVIL]: ['#nowhere:example.com'],
  }));
  const { provider, homeserver, mod, eng, settle } = stage;
  await mod.setState(eng, 'm.room.name', '', { name: EVIL });
  await homeserver.person('taken');
  const ann = await provider.createUser({ userName: 'ann', displayName: EVIL, email: 'ann@example.com' });
  const eve = await provider.createUser({ userName: EVIL, externalId: EVIL, displayName: EVIL });
  // Nobody can have such a name, so she fails and is listed wherever failures are.
  const long = await provider.createUser({ userName: `${EVIL}${'x'.repeat(300)}`, displayName: EVIL });
  const taken = await provider.createUser({ userName: 'taken', displayName: EVIL });
  const group = await provider.createGroup(EVIL, EVIL, [ann, eve, long]);
  const engineering = await provider.createGroup(`${EVIL} Engineering`, 'ext-eng', [ann, taken, group]);
  await settle();
  await provider.deleteUser(eve);
  await provider.removeMembers(engineering, ann);
  await settle();
  return { ...stage, ann, eve, long, taken, group };
}

/** Every command that shows what others named, each in all of its ways. */
function commandsOf(stage: Looking, { ann, long }: { readonly ann: string; readonly long: string }) {
  const map = join(stage.dataDir, '../hostile-map.jsonc');
  writeFileSync(map, JSON.stringify({ [`name:${EVIL}`]: ['#x:example.com'], [EVIL]: EVIL }));
  const good = join(stage.dataDir, '../good-map.jsonc');
  writeFileSync(good, JSON.stringify({ [`name:${EVIL}`]: [stage.lobby] }));
  const lists = ['status', 'users', 'groups', 'rooms', 'journal', 'conflicts', 'held'];
  const json = [...lists, 'plan'].map((name) => [name, '--json']);
  return [
    ...lists.map((name) => [name]),
    ...json,
    ['users', '--failing'],
    ['users', 'eve*'],
    ['groups', '--unmapped'],
    ['rooms', '--live'],
    ['rooms', '--live', '--json'],
    ['held', '--all'],
    ['explain', ann],
    ['explain', ann, '--json'],
    ['explain', ann, stage.eng],
    ['explain', ann, TYPED],
    ['explain', long],
    ['explain', TYPED],
    ['explain', 'nobody'],
    ['plan'],
    ['plan', '--map', good],
    ['plan', '--map', map],
    ['check'],
    ['map', 'check', map],
    ['map', 'check', good],
    ['map', 'dump'],
    ['map', 'add', `name:${EVIL}`, '#y:example.com', '--file', good],
    ['map', 'remove', `name:${TYPED}`, '--file', good],
    ['map', 'remove', TYPED, '--file', good],
    ['link', 'taken', '@taken:example.com', '--yes'],
    ['link', TYPED, TYPED],
    ['unlink', ann],
    ['unlink', TYPED],
    ['approve', `abcd${TYPED}`],
    ['journal', '--account', TYPED],
    ['journal', '--since', TYPED],
    ['backup', join(TYPED, 'x.db')],
    ['import', TYPED],
    [TYPED],
    ['users', `--${TYPED}`],
  ];
}

describe('a terminal', { timeout: 60_000 }, () => {
  it('gets no control characters and no lines that somebody hid in a name, by any command', async () => {
    const stage = await hostileStage();
    let looked = 0;
    let named = 0;
    const dangers: string[] = [];
    for (const args of commandsOf(stage, stage)) {
      const { stdout, stderr } = await stage.look(...args);
      looked += stdout.length + stderr.length;
      if (/eve|FORGED/.test(stdout + stderr)) named += 1;
      for (const line of dangersIn(stdout + stderr)) dangers.push(`${args[0]} ${args[1] ?? ''}: ${line}`);
    }
    await stage.close();
    const applied = await stage.look('apply');
    dangers.push(...dangersIn(applied.stdout + applied.stderr).map((line) => `apply: ${line}`));
    expect(dangers).toEqual([]);
    expect(looked).toBeGreaterThan(20_000);
    expect(named).toBeGreaterThan(20);
  });

  it('gets JSON that programs read as it was pushed', async () => {
    const stage = await hostileStage();
    const lines = (await stage.look('users', '--json')).stdout.trim().split('\n');
    const users = lines.map((line): unknown => JSON.parse(line));
    expect(users).toContainEqual(expect.objectContaining({ userName: 'ann', displayName: EVIL.trim() }));
    expect(await stage.json('groups')).toContainEqual(expect.objectContaining({ name: EVIL }));
  });

  it('would be found to get them', () => {
    for (const character of ['\u001b', '\u009b', '\r', '\u202e', '\u0000', '\u007f', '\u2028'])
      expect(dangersIn(`a${character}b`)).toHaveLength(1);
    expect(dangersIn('a\n  FORGED')).toEqual(['  FORGED']);
    expect(dangersIn('Jürgen 🦊 عائشة\nnext line')).toEqual([]);
  });
});
