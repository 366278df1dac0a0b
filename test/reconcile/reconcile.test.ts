import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import type { ActingUser } from '../support/homeserver/harness.ts';
import { type SimulatedUnderTest, startSimulated } from '../support/homeserver/simulated.ts';
import { startUsher, type UsherUnderTest } from '../support/usher.ts';

let homeserver: SimulatedUnderTest;
let owner: ActingUser;
beforeAll(async () => {
  homeserver = await startSimulated({ latencyMs: 5 });
  owner = await homeserver.person('owner');
});
afterAll(() => homeserver.close());

async function isIn(room: Parameters<typeof homeserver.homeserver.joinedMembers>[0], name: string) {
  const members = await homeserver.homeserver.joinedMembers(room);
  return members?.has(userId(name, homeserver.serverName)) === true;
}

async function failingPeople(usher: UsherUnderTest): Promise<string> {
  const metrics = await (await fetch(`${usher.url}/metrics`)).text();
  return /^usher_work_items_failing (\d+)$/m.exec(metrics)?.[1] ?? 'none';
}

describe('fairness', () => {
  it("acts on one person's change while a bulk of joins is under way", async () => {
    const [big, small] = [await owner.createRoom(), await owner.createRoom()];
    const usher = await startUsher(homeserver, { 'ext-big': big, 'ext-small': small });
    const push = (prefix: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          usher.provider.createUser({ userName: `${prefix}${index}` }),
        ),
      );
    const crowd = await push('crowd', 200);
    const [ann = '', bob = ''] = await push('single', 2);
    const team = await usher.provider.createGroup('small', 'ext-small', [bob]);
    await usher.settle();
    await usher.provider.createGroup('big', 'ext-big', crowd);
    await expect
      .poll(async () => (await homeserver.homeserver.joinedMembers(big))?.size, { interval: 5 })
      .toBeGreaterThan(10);

    await usher.provider.addMembers(team, ann);
    await usher.provider.removeMembers(team, bob);

    await expect.poll(() => isIn(small, 'single0'), { interval: 5, timeout: 5000 }).toBe(true);
    await expect.poll(() => isIn(small, 'single1'), { interval: 5, timeout: 5000 }).toBe(false);
    expect((await homeserver.homeserver.joinedMembers(big))?.size).toBeLessThan(150);
    await usher.settle();
    expect((await homeserver.homeserver.joinedMembers(big))?.size).toBeGreaterThanOrEqual(200);
  }, 30_000);
});

describe('trouble with the homeserver as a whole', () => {
  it('does nothing with a token of another account than the setting says', async () => {
    const room = await owner.createRoom();
    const other = await homeserver.admin('other-bot');
    const usher = await startUsher(
      homeserver,
      { '*': room },
      { env: { MATRIX_ADMIN_USER_ID: other.userId } },
    );
    await usher.provider.createUser({ userName: 'unlucky' });
    await usher.settle();
    expect(await isIn(room, 'unlucky')).toBe(false);
    expect(await (await fetch(`${usher.url}/readyz`)).text()).toContain(
      'the token for the homeserver belongs to @usher:usher.test',
    );
  });

  it('uses no attempts up while the homeserver is down', async () => {
    const room = await owner.createRoom();
    const usher = await startUsher(homeserver, { '*': room });
    await usher.settle();
    await homeserver.stop();
    await usher.provider.createUser({ userName: 'waiting' });
    await usher.settle();
    const readiness = await fetch(`${usher.url}/readyz`);
    expect(readiness.status).toBe(200);
    expect(await readiness.text()).toMatch(/"homeserver":{"status":"degraded"/);
    expect(await failingPeople(usher)).toBe('0');
    await homeserver.start();
    await expect.poll(() => isIn(room, 'waiting'), { timeout: 10_000 }).toBe(true);
  });

  it('takes what a provider pushes when it was down from the start', async () => {
    const room = await owner.createRoom();
    await homeserver.stop();
    const usher = await startUsher(homeserver, { '*': room });
    await usher.provider.createUser({ userName: 'early' });
    await homeserver.start();
    await expect.poll(() => isIn(room, 'early'), { timeout: 10_000 }).toBe(true);
  });
});

describe('what is refused', () => {
  it('is kept and told, and done once a person has mended the cause', async () => {
    const usher = await startUsher(homeserver, { '*': '#later:usher.test' });
    const stranger = await homeserver.person('mended');
    await usher.provider.createUser({ userName: 'mended' });
    await usher.settle();
    expect(await failingPeople(usher)).toBe('1');
    const room = await owner.createRoom({ alias: 'later' });
    const link = { provider: 'oidc-idp', id: 'uid-mended' };
    await homeserver.homeserver.updateAccount(stranger.userId, { externalIds: [link] });
    await usher.resync();
    expect(await isIn(room, 'mended')).toBe(true);
    expect(await failingPeople(usher)).toBe('0');
  });

  it('is a removal of somebody with as much power as the bot, and nobody else is held up by it', async () => {
    const room = await owner.createRoom({ version: '11' });
    const usher = await startUsher(homeserver, { 'ext-p': room });
    const [ann, bob] = [
      await usher.provider.createUser({ userName: 'powerful' }),
      await usher.provider.createUser({ userName: 'plain' }),
    ];
    const group = await usher.provider.createGroup('p', 'ext-p', [ann, bob]);
    await usher.settle();
    await owner.setPower(room, userId('powerful', homeserver.serverName), 100);
    await usher.provider.removeMembers(group, ann, bob);
    await usher.settle();
    expect(await isIn(room, 'plain')).toBe(false);
    expect(await isIn(room, 'powerful')).toBe(true);
    expect(await failingPeople(usher)).toBe('1');
  });
});

describe('two users and one account', () => {
  it('are two people when one provider pushed both, and the second is a conflict', async () => {
    const room = await owner.createRoom();
    const usher = await startUsher(homeserver, { 'ext-two': room });
    const first = await usher.provider.createUser({ userName: 'twin1', externalId: 'same' });
    await usher.settle();
    const second = await usher.provider.createUser({ userName: 'twin2', externalId: 'same' });
    const group = await usher.provider.createGroup('two', 'ext-two', [second]);
    await usher.settle();
    expect(await isIn(room, 'twin1')).toBe(false);
    expect(await failingPeople(usher)).toBe('1');
    await usher.provider.addMembers(group, first);
    await usher.settle();
    expect(await isIn(room, 'twin1')).toBe(true);
  });
});
