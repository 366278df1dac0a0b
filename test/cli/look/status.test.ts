import { expect, it, onTestFinished, vi } from 'vitest';
import { ANN, lookAt, withPeople } from './stage.ts';

it('says that all is well, a line for each part', async () => {
  const stage = await lookAt();
  await withPeople(stage);
  const { exitCode, stdout } = await stage.look('status');
  expect(stdout).not.toMatch(/^!/m);
  expect(exitCode).toBe(0);
  for (const line of [
    / {2}database +\d+\.\d MB in .*\/data, schema \d+\n/,
    / {2}provider +default: last heard (just now|\d+ seconds? ago), last change (just now|\d+ seconds? ago); 3 users, 2 groups\n/,
    / {2}homeserver +Synapse [\d.]+ answers at http:\/\/127\.0\.0\.1:\d+; the token is good\n/,
    / {2}group map +.*group-map\.jsonc: 2 rules, 2 rooms\n/,
    / {2}work +nobody waits\n/,
    / {2}people +all looked at are as they should be\n/,
    / {2}holds +none\n/,
    /All is well\.\n$/,
  ]) {
    expect(stdout).toMatch(line);
  }
});

it.each(['she left', 'the map lets strangers be'])(
  'says no more that a stranger can’t be removed once %s',
  async (how) => {
    const stage = await lookAt(() => ({ 'ext-eng': [{ room: '#eng:example.com', mode: 'exclusive' }] }));
    await withPeople(stage);
    await stage.resync();
    const ofRoom = async () => /^! room.*$/m.exec((await stage.look('status')).stdout)?.[0];
    await expect.poll(ofRoom, { timeout: 10_000 }).toMatch('#eng:example.com is exclusive');
    if (how === 'she left') await stage.mod.leave(stage.eng);
    else stage.writeMap({ 'ext-eng': ['#eng:example.com'] });
    const afterPass = async () => {
      await stage.resync();
      return ofRoom();
    };
    await expect.poll(afterPass, { timeout: 20_000 }).toBeUndefined();
  },
  30_000,
);

it('says what to do about each thing that needs a person', async () => {
  const stage = await lookAt();
  await withPeople(stage);
  await stage.homeserver.person('dee');
  await stage.provider.createUser({ userName: 'dee' });
  await stage.settle();
  const long = Date.now() - 3 * 3_600_000;
  await stage.beside(async ({ guard, facts }) => {
    await guard.openHold({ scope: 'map', reason: 'the group map was changed', since: long });
    await facts.set('last-pass', {
      startedAt: long,
      finishedAt: long + 2000,
      marked: 3,
      problems: [{ target: '#gone:example.com', message: '#gone:example.com is not an alias of any room.' }],
      drifted: 2,
    });
  });
  stage.writeMap({ 'name:Enginering': '#eng:example.com' });
  const { exitCode, stdout } = await stage.look('status');
  const flat = stdout.replace(/\n +/g, ' ');
  expect(exitCode).toBe(1);
  for (const line of [
    /^! group map +The group map has "name:Enginering".* Did you mean "name:Engineering"\? To do: correct the key/m,
    /^! room +#gone:example\.com is not an alias of any room\. To do: /m,
    /^! people +1 person is not as they should be\. To do: look at the ways out, or at all of them: usher conflicts, or usher users --failing$/m,
    /^! holds +[0-9a-f]{8}: the group map was changed\. To do: look at what is held, and decide: usher held$/m,
    /^! last pass +2 hours ago, took 2 seconds; 3 people to look at, drift: 2 changed by somebody else\. To do: is the/m,
    /^5 things need you: see "!"\.$/m,
  ]) {
    expect(flat).toMatch(line);
  }
  expect(await stage.json('status')).toMatchObject({
    isWell: false,
    isDryRun: false,
    database: { schema: expect.any(Number), bytes: expect.any(Number) },
    sources: [{ source: 'default', users: 4, groups: 2, lastModified: expect.stringMatching(/Z$/) }],
    homeserver: { version: expect.any(String) },
    map: { rules: 1, rooms: 1, unmatched: [expect.any(String)] },
    work: { total: 1, failing: 1, byUrgency: { removal: 0, small: 1, bulk: 0 } },
    holds: [{ scope: 'map' }],
    lastPass: { marked: 3, drift: 2, finishedAt: new Date(long + 2000).toISOString() },
    toDo: expect.arrayContaining([
      expect.objectContaining({ subject: 'holds', steps: [{ kind: 'held', command: 'usher held' }] }),
    ]),
  });
});

it('says what is wrong with a room since the last full pass, until it is mended', async () => {
  const stage = await lookAt(() => ({ 'ext-eng': [{ room: '#eng:example.com', powerLevel: 50 }] }));
  await withPeople(stage);
  await stage.resync();
  // The bot lowers nobody who has as much power as itself.
  await stage.mod.setPower(stage.eng, ANN, 100);
  await stage.resync();
  const status = async () => (await stage.look('status')).stdout.replace(/\n +/g, ' ');
  const found = /^! room +The power level of @ann:example\.com in #eng:example\.com can't be set: she/m;
  await expect.poll(status, { timeout: 10_000 }).toMatch(found);
  expect((await stage.json('status')).lastPass.problems).toEqual([]);
  expect((await stage.json('rooms'))[0].problems).toEqual([expect.stringContaining("can't be set")]);
  await stage.mod.setPower(stage.eng, ANN, 50);
  await stage.resync();
  await expect.poll(status, { timeout: 10_000 }).not.toMatch(/^! room/m);
});

it('says which provider sent nothing for longer than it may', async () => {
  const stage = await lookAt(undefined, { PROVIDER_SILENCE: '2h' });
  await withPeople(stage);
  await stage.settle();
  expect((await stage.look('status')).exitCode).toBe(0);
  await stage.close();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 3_600_000 });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const { stdout } = await stage.look('status');
  expect(stdout.replace(/\n +/g, ' ')).toMatch(
    /^! provider +default: last heard 3 hours ago, last change 3 hours ago; 3 users, 2 groups\. To do: see what it says of its last sync/m,
  );
  expect(await stage.json('status')).toMatchObject({
    silenceMs: 7_200_000,
    sources: [{ source: 'default', lastHeard: expect.any(String), lastModified: expect.any(String) }],
  });
});

it('survives a map that is none, a homeserver that is down, and a directory that is empty', async () => {
  const stage = await lookAt(undefined, { DRY_RUN: 'true' });
  await stage.homeserver.stop();
  stage.writeMap('{ "ext-eng": ');
  const { exitCode, stdout } = await stage.look('status');
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^! provider +no user and no group is there\. To do: /m);
  expect(stdout).toMatch(/^! homeserver +.*ECONNREFUSED/m);
  expect(stdout).toMatch(/^! group map +.*not a valid group map/m);
  expect(stdout).toMatch(/^! dry run +DRY_RUN is true/m);
  expect(await stage.json('status')).toMatchObject({
    sources: [],
    map: { problem: expect.any(String) },
    homeserver: { problem: expect.any(String) },
  });
});
