import { describe, expect, it } from 'vitest';
import { HomeserverError, type HomeserverErrorKind } from '../../src/matrix/error.ts';
import { withPower } from '../../src/reconcile/power.ts';
import { ANN, BOT, roomStage } from '../support/room-stage.ts';

/** Ann is in a room that the bot is not in. */
async function room() {
  const stage = await roomStage();
  stage.member('ann');
  const { homeserver } = stage;
  let attempts = 0;
  const attempting = (attempt: () => Promise<void>) => () => {
    attempts += 1;
    return attempt();
  };
  return {
    ...stage,
    attempts: () => attempts,
    kick: attempting(() => homeserver.kick(stage.room, ANN, '')),
    fails: (error: Error) => attempting(() => Promise.reject(error)),
  };
}

describe('a change in a room', () => {
  it('that is refused is made with the power that there is', async () => {
    const { homeserver, room: roomId, kick, isIn, attempts } = await room();
    await withPower(homeserver, roomId, kick);
    expect([await isIn(ANN), await isIn(BOT), attempts()]).toEqual([false, true, 2]);
  });

  it('that is not refused is made with the power that the bot has', async () => {
    const { homeserver, room: roomId, isIn, attempts, kick } = await room();
    await homeserver.takeRoom(roomId);
    const faulty = { ...homeserver, takeRoom: () => Promise.reject(new Error('taken without need')) };
    await withPower(faulty, roomId, kick);
    expect([await isIn(ANN), attempts()]).toEqual([false, 1]);
  });

  it('that is certainly refused for another reason is not tried again', async () => {
    const { homeserver, room: roomId, kick, isIn, attempts } = await room();
    await expect(withPower(homeserver, roomId, kick, async () => true)).rejects.toMatchObject({
      kind: 'refused',
    });
    expect([await isIn(ANN), await isIn(BOT), attempts()]).toEqual([true, false, 1]);
    await withPower(homeserver, roomId, kick, async () => false);
    expect(await isIn(ANN)).toBe(false);
  });

  it.each<HomeserverErrorKind>(['failed', 'unavailable', 'not-found', 'throttled'])(
    'that ends with "%s" is not helped by more power',
    async (kind) => {
      const { homeserver, room: roomId, fails, isIn, attempts } = await room();
      const error = new HomeserverError(kind, 'no');
      await expect(withPower(homeserver, roomId, fails(error))).rejects.toBe(error);
      expect([await isIn(BOT), attempts()]).toEqual([false, 1]);
    },
  );

  it('that ends with an error of our own is not helped by more power', async () => {
    const { homeserver, room: roomId, fails, isIn } = await room();
    const error = Object.assign(new Error('a bug'), { kind: 'refused' });
    await expect(withPower(homeserver, roomId, fails(error))).rejects.toBe(error);
    expect(await isIn(BOT)).toBe(false);
  });

  it('that is refused even then is refused', async () => {
    const { homeserver, room: roomId, fails, attempts, isIn } = await room();
    const error = new HomeserverError('refused', 'no');
    await expect(withPower(homeserver, roomId, fails(error))).rejects.toBe(error);
    expect([await isIn(BOT), attempts()]).toEqual([true, 2]);
  });
});
