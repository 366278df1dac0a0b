import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { type UserId, userId } from '../../src/matrix/ids.ts';
import { scene } from '../support/scene.ts';
import type { Env } from '../support/usher.ts';

/** Somebody of that user name, after a run; with what is told about her, and how often names were asked about. */
async function pushed(userName: string, settings: Env = {}) {
  const it = await scene();
  const room = await it.owner.createRoom();
  const user = await it.user({ userName, externalId: 'x1', active: true });
  const asked: UserId[] = [];
  const run = (more: Env = settings) =>
    it.run(
      { '*': room },
      {
        isNameFree(id) {
          asked.push(id);
          return it.homeserver.isNameFree(id);
        },
      },
      more,
    );
  await run();
  return {
    ...it,
    room,
    asked,
    run,
    id: user.id,
    problems: async () => (await it.store.work.failing(10)).map(({ lastError }) => lastError?.message),
  };
}

describe('a name', () => {
  it('that an application service has to itself is told, with the ways out, and nothing is made', async () => {
    const it = await pushed('bridge_irc');
    expect(await it.problems()).toEqual([
      '@bridge_irc:usher.test is reserved on the homeserver, by an application service or for guests. Give her another user name, or change LOCALPART.',
    ]);
    expect(await it.account(userId('bridge_irc', 'usher.test'))).toBeUndefined();
    expect(await it.store.people.link(it.id)).toBeUndefined();
  });

  it('that is reserved is no obstacle once LOCALPART makes another of it', async () => {
    const it = await pushed('bridge_irc');
    await it.run({ LOCALPART: 'u-{userName}' });
    expect(await it.isIn(it.room, userId('u-bridge_irc', 'usher.test'))).toBe(true);
    expect(await it.problems()).toEqual([]);
  });

  it('is not asked about any more once she has her account', async () => {
    const it = await pushed('ann');
    const before = it.asked.length;
    expect(new Set(it.asked)).toEqual(new Set([userId('ann', 'usher.test')]));
    await it.store.work.mark([it.id], 'small', Date.now());
    await it.run();
    expect(it.asked).toHaveLength(before);
  });

  it('that the homeserver refuses is told in its own words', async () => {
    const it = await scene();
    const room = await it.owner.createRoom();
    await it.user({ userName: 'ann', active: true });
    await it.run(
      { '*': room },
      {
        async isNameFree() {
          throw new HomeserverError('refused', 'User ID may not begin with a.', {
            errcode: 'M_INVALID_USERNAME',
          });
        },
      },
    );
    const [failing] = await it.store.work.failing(10);
    expect(failing?.lastError).toEqual({
      kind: 'conflict',
      message: 'No Matrix id can be made for her: @ann:usher.test: User ID may not begin with a.',
    });
    expect(await it.account()).toBeUndefined();
  });

  it('that can not be asked about makes everything wait', async () => {
    const it = await scene();
    const room = await it.owner.createRoom();
    await it.user({ userName: 'ann', active: true });
    const status = await it.run(
      { '*': room },
      {
        async isNameFree() {
          throw new HomeserverError('unavailable', 'no answer');
        },
      },
    );
    expect(status.pause).toMatchObject({ kind: 'unavailable' });
    expect(await it.store.work.failing(10)).toEqual([]);
  });
});
