import { describe, expect, it } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import { createSimulatedHomeserver } from '../../src/simulator/homeserver.ts';
import { createSynapseApi } from '../../src/simulator/synapse-api.ts';
import { createWorld } from '../../src/simulator/world.ts';

function worldAt(clock: { now: number }, latencyMs = 0) {
  const world = createWorld({ serverName: 'usher.test', now: () => clock.now, latencyMs });
  const bot = world.register('usher', { admin: true });
  const token = world.logIn(bot);
  return { world, bot, token, homeserver: createSimulatedHomeserver(world, token) };
}

describe('simulated homeserver', () => {
  it('refills the message limit at 0.2 a second by its own clock, and says how long to wait', async () => {
    const clock = { now: 0 };
    const { world, bot, homeserver } = worldAt(clock);
    const room = world.createRoom(bot, { version: '11' });
    const people = Array.from({ length: 11 }, (_, number) => world.register(`ann${number}`));
    for (const ann of people) await homeserver.join(room, ann);

    const [last, ...first] = people;
    if (last === undefined) throw new Error('nobody there');
    for (const ann of first.slice(1)) await homeserver.kick(room, ann, '');
    const refused = homeserver.kick(room, last, '');
    await expect(refused).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 5_000 });
    clock.now = 4_999;
    await expect(homeserver.kick(room, last, '')).rejects.toMatchObject({ retryAfterMs: 1 });
    clock.now = 5_000;
    await homeserver.kick(room, last, '');
    expect(await homeserver.joinedMembers(room)).not.toContain(last);
  });

  it('is unavailable while it is down, to the port and to the API', async () => {
    const { world, bot, token, homeserver } = worldAt({ now: 0 });
    const whoami = { method: 'GET', path: '/_matrix/client/v3/account/whoami', token, body: undefined };
    world.goDown();
    await expect(homeserver.account(bot)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await createSynapseApi(world)(whoami)).toMatchObject({ status: 503 });
    world.comeUp();
    expect(await homeserver.account(bot)).toMatchObject({ userId: bot });
    expect(await createSynapseApi(world)(whoami)).toMatchObject({ status: 200 });
  });

  it('takes the time it was told for each call', async () => {
    const { bot, homeserver } = worldAt({ now: 0 }, 20);
    const start = performance.now();
    await homeserver.account(bot);
    expect(performance.now() - start).toBeGreaterThan(15);
  });

  it('lets people of other homeservers in, whom nobody here has an account for', async () => {
    const { world, bot, homeserver } = worldAt({ now: 0 });
    const room = world.createRoom(bot, {});
    const stranger = userId('ann', 'elsewhere.org');
    world.admitRemote(stranger, room);
    expect(await homeserver.joinedMembers(room)).toEqual(new Set([bot, stranger]));
    await homeserver.kick(room, stranger, '');
    expect(await homeserver.member(room, stranger)).toEqual({ membership: 'leave', sender: bot });
  });

  it('obeys only admins', async () => {
    const { world, bot } = worldAt({ now: 0 });
    const ann = world.register('ann');
    const hers = createSimulatedHomeserver(world, world.logIn(ann));
    expect(await hers.identify()).toMatchObject({ userId: ann, admin: false });
    await expect(hers.account(bot)).rejects.toMatchObject({ kind: 'refused', errcode: 'M_FORBIDDEN' });
    const nobodys = createSimulatedHomeserver(world, 'nonsense');
    await expect(nobodys.identify()).rejects.toMatchObject({ kind: 'unauthorised' });
  });

  it('gives each answer anew: what was read before does not change with the world', async () => {
    const { world, bot, homeserver } = worldAt({ now: 0 });
    const room = world.createRoom(bot, {});
    const ann = world.register('ann');
    const [before, accountBefore] = [await homeserver.room(room), await homeserver.account(ann)];
    await homeserver.join(room, ann);
    await homeserver.restrict(ann, 'lock');
    expect(before?.members.has(ann)).toBe(false);
    expect(accountBefore?.locked).toBe(false);
  });
});
