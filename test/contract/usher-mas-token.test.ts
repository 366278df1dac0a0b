import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOT, openMasStage } from '../support/homeserver/mas-stage.ts';
import { skippingClock } from '../support/skipping-clock.ts';
import { keepLog, unescaped } from '../support/symptoms/logged.ts';
import { tempDir } from '../support/temp-dir.ts';
import { usher as runUsher } from '../support/terminal.ts';
import { envFor, startUsher, type UsherUnderTest } from '../support/usher.ts';

const [MINUTE, DAY] = [60_000, 86_400_000];
/** So long Synapse believes what it knows of a token. */
const REMEMBERED = 2 * MINUTE + 1;

/** An Usher whose bot was made by itself, with Ann in her room; MAS and Synapse may be ahead of it in time. */
async function open() {
  const clock = skippingClock();
  let ahead = 0;
  const stage = await openMasStage({ now: () => Date.now() + ahead });
  const room = await stage.owner.createRoom();
  const { log, logged } = keepLog();
  const folder = tempDir();
  const start = () => startUsher(stage.reached, { '*': room }, { folder, log });
  const usher = await start();
  const people = (from: UsherUnderTest) => async (userName: string) => {
    await from.provider.createUser({ userName });
    from.service.loop.requestPass();
    await from.settle();
    await from.settle();
    return stage.isIn(room, userName);
  };
  const bot = () => {
    const user = stage.mas.users.byUsername(BOT);
    if (user === undefined) throw new Error('there is no bot');
    return user;
  };
  const letIn = people(usher);
  expect(await letIn('ann')).toBe(true);
  return {
    ...{ ...stage, usher, room, start, clock, people, letIn, bot },
    text: () => unescaped(logged()),
    env: envFor(stage.reached, folder),
    file: join(folder, 'data', 'synapse-token.json'),
    /** MAS and Synapse have another time than Usher: tokens end before Usher thinks so. */
    skipThere: (ms: number) => {
      ahead += ms;
    },
    ofBot: () => stage.mas.personalSessions.all().filter(({ actorId }) => actorId === bot().id),
    ready: async () => JSON.parse(await (await fetch(`${usher.url}/readyz`)).text()).components.homeserver,
  };
}

it('goes on when its tokens end before it thinks so', async () => {
  const { skipThere, letIn, ready, ofBot } = await open();
  skipThere(6 * MINUTE);
  expect(await letIn('bob')).toBe(true);
  skipThere(31 * DAY);
  expect(await letIn('carl')).toBe(true);
  expect(await ready()).toEqual({ status: 'ok' });
  expect(ofBot().filter(({ revokedAt }) => revokedAt === undefined)).toHaveLength(1);
});

it('goes on when the token of the admin API ends in the middle of a pass', async () => {
  const { mas, skipThere, letIn, clock } = await open();
  const { provision } = mas.homeserver;
  mas.homeserver.provision = (...args) => {
    skipThere(6 * MINUTE);
    provision(...args);
  };
  for (const name of ['bob', 'carl', 'dora']) expect(await letIn(name)).toBe(true);
  clock.skip(MINUTE);
  expect(await letIn('emma')).toBe(true);
});

it('renews its token for Synapse when four fifths of its life are over, and makes no other session', async () => {
  const { clock, letIn, ofBot, file } = await open();
  const before = readFileSync(file, 'utf8');
  clock.skip(23 * DAY);
  expect(await letIn('bob')).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(before);
  clock.skip(2 * DAY);
  expect(await letIn('carl')).toBe(true);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  expect(ofBot()).toHaveLength(1);
  clock.skip(20 * DAY);
  expect(await letIn('dora')).toBe(true);
});

it.each<[string, (stage: Awaited<ReturnType<typeof open>>) => void]>([
  [
    'its session is revoked by hand',
    ({ mas, ofBot, bot }) => {
      for (const session of ofBot()) mas.personalSessions.revoke(session);
      mas.homeserverJobs.syncDevices(bot());
    },
  ],
  ['its device is deleted in Synapse', ({ world, reached }) => world.logOut(reached.bot)],
])('has another token when %s', async (_, harm) => {
  const stage = await open();
  harm(stage);
  expect(await stage.letIn('bob')).toBe(true);
  expect(stage.ofBot().filter(({ revokedAt }) => revokedAt === undefined)).toHaveLength(1);
  expect(await stage.ready()).toEqual({ status: 'ok' });
});

it.each<[string, (file: string) => void]>([
  ['lost', (file) => rmSync(file)],
  ['broken', (file) => writeFileSync(file, '{"token": "mpt_')],
  [
    'of another service',
    (file) => writeFileSync(file, '{"token":"x","sessionId":"y","issuedAt":0,"expiresAt":9e15}'),
  ],
])('has another token, and ends the one before, when the file is %s', async (_, harm) => {
  const { usher, file, start, people, ofBot } = await open();
  await usher.close();
  harm(file);
  const second = await start();
  expect(await people(second)('bob')).toBe(true);
  expect(JSON.parse(readFileSync(file, 'utf8')).token).toMatch(/^mpt_/);
  expect(ofBot().map(({ revokedAt }) => revokedAt === undefined)).toEqual([false, true]);
});

it('goes on with a token that it can not keep, and says so', async () => {
  const { usher, file, start, people, ofBot, text, clock, skipThere } = await open();
  await usher.close();
  rmSync(file);
  mkdirSync(join(file, 'in-the-way'), { recursive: true });
  const second = await start();
  expect(await people(second)('bob')).toBe(true);
  expect(text()).toMatch(/"level":"error".*synapse-token\.json/);
  clock.skip(2 * MINUTE);
  skipThere(31 * DAY);
  expect(await people(second)('carl')).toBe(true);
  expect(ofBot().filter(({ revokedAt }) => revokedAt === undefined)).toHaveLength(1);
});

it('leaves sessions of others alone when it ends its own', async () => {
  const { usher, file, start, people, mas, bot } = await open();
  const element = mas.clients.add({ method: 'client_secret_basic', secret: 'another' });
  const session = { actor: bot(), scope: ['urn:synapse:admin:*'], lifeMs: undefined };
  const others = [
    mas.personalSessions.add({ ...session, owner: { clientId: element.id }, humanName: 'Usher' }),
    mas.personalSessions.add({ ...session, owner: { userId: bot().id }, humanName: 'Usher' }),
  ];
  await usher.close();
  rmSync(file);
  const second = await start();
  expect(await people(second)('bob')).toBe(true);
  expect(others.map((each) => each.session.revokedAt)).toEqual([undefined, undefined]);
});

it('does nothing while its bot is locked, says so, and goes on when it is unlocked', async () => {
  const { mas, bot, skipThere, letIn, ready, text, env, clock, usher, everything, isIn, room } = await open();
  mas.users.lock(bot());
  skipThere(REMEMBERED);
  const before = everything();
  expect(await letIn('bob')).toBe(false);
  expect(everything()).toEqual(before);
  const said = `the bot ${BOT} is locked in MAS, so that none of its tokens is good: "mas-cli manage unlock-user ${BOT}"`;
  expect(await ready()).toEqual({ status: 'degraded', detail: said });
  expect(text()).toContain(said);
  const { stdout } = await runUsher(['status'], env);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(said);
  for (const wait of [5_000, 5_000, 30_000, MINUTE]) {
    clock.skip(wait);
    usher.service.loop.requestPass();
    await usher.settle();
    expect(await ready()).toEqual({ status: 'degraded', detail: said });
  }

  mas.users.unlock(bot());
  // The pause of everything is a minute at most.
  clock.skip(MINUTE);
  usher.service.loop.requestPass();
  await usher.settle();
  await usher.settle();
  expect([isIn(room, 'bob'), await ready()]).toEqual([true, { status: 'ok' }]);
});

it('goes on with its token when MAS is down as it is to be renewed, and renews it later', async () => {
  const { clock, letIn, file, stopMas, startMas, usher } = await open();
  const before = readFileSync(file, 'utf8');
  clock.skip(25 * DAY);
  await stopMas();
  expect(await letIn('bob')).toBe(false);
  await startMas();
  clock.skip(MINUTE);
  usher.service.loop.requestPass();
  await usher.settle();
  expect(readFileSync(file, 'utf8')).not.toBe(before);
});
