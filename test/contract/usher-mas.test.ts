import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BOT, type MasStage, openMasStage } from '../support/homeserver/mas-stage.ts';
import { createProvider, type Provider } from '../support/provider.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher as runUsher } from '../support/terminal.ts';
import { type Env, envFor, SECRET, startUsher } from '../support/usher.ts';
import { startUsherProcess } from '../support/usher-process.ts';

const NAMES = Array.from({ length: 20 }, (_, number) => `p${number}`);
const PATIENCE = { timeout: 30_000, interval: 50 };

async function push(provider: Provider): Promise<void> {
  const ids = await Promise.all(
    NAMES.map((userName) => provider.createUser({ userName, email: `${userName}@example.org` })),
  );
  await provider.createGroup('eng', 'eng', ids);
}

/** What 20 people lack of an account, the way in to it, an e-mail and a room. */
function lacking({ mas, isIn, emailsOf, subjectsOf }: MasStage, room: Parameters<MasStage['isIn']>[0]) {
  return NAMES.filter(
    (name) =>
      mas.users.byUsername(name) === undefined ||
      subjectsOf(name).join() !== `uid-${name}` ||
      emailsOf(name).join() !== `${name}@example.org` ||
      !isIn(room, name),
  );
}

it('needs one secret and an empty folder for twenty people to sign in to their accounts and be in their room', async () => {
  const stage = await openMasStage();
  const { mas, reached, owner, entered, account, everything } = stage;
  const room = await owner.createRoom();
  const folder = tempDir();
  const first = await startUsher(reached, { eng: room }, { folder });
  await push(first.provider);
  await first.settle();
  await first.settle();
  expect(lacking(stage, room)).toEqual([]);
  expect(mas.users.byUsername(BOT)).toMatchObject({ lockedAt: undefined, canRequestAdmin: false });
  expect(NAMES.map((name) => entered(name))).toEqual(NAMES.map(account));
  expect(mas.users.all()).toHaveLength(20 + ['usher', 'owner', BOT].length);
  await first.resync();

  const before = everything();
  await first.close();
  const second = await startUsher(reached, { eng: room }, { folder });
  await second.settle();
  await second.resync();
  expect(everything()).toEqual(before);
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
});

it('keeps its token for Synapse where nobody else can read it, and in no backup', async () => {
  const stage = await openMasStage();
  const { mas, reached, owner, everything } = stage;
  const room = await owner.createRoom();
  const folder = tempDir();
  const env: Env = {
    ...envFor(reached, folder),
    GROUP_MAP_FILE: '',
    IDP_GROUP_TO_ROOM: JSON.stringify({ eng: room }),
  };
  const start = async () => {
    const usher = await startUsherProcess({ ...env, LOG_LEVEL: 'debug' }, [
      'sh',
      '-c',
      'umask 0; exec "$@"',
      'sh',
    ]);
    onTestFinished(() => usher.end('SIGKILL'));
    return usher;
  };
  const first = await start();
  await push(createProvider(`${first.url}/scim/v2`, SECRET));
  await expect.poll(() => lacking(stage, room), PATIENCE).toEqual([]);
  const file = join(folder, 'data', 'synapse-token.json');
  const { token } = JSON.parse(readFileSync(file, 'utf8'));
  expect(token).toMatch(/^mpt_/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { stdout } = await runUsher(['backup'], env);
  expect(readFileSync(/\S+\.db/.exec(stdout)?.[0] ?? '').includes(token)).toBe(false);
  await first.end('SIGKILL');

  const before = everything();
  const second = await start();
  await expect.poll(second.log, PATIENCE).toContain('full pass done');
  await second.end();
  expect(everything()).toEqual(before);
  expect(mas.personalSessions.all().filter(({ humanName }) => humanName === 'Usher')).toHaveLength(1);
  for (const secret of [token, stage.clientSecret]) expect(first.log() + second.log()).not.toContain(secret);
}, 90_000);
