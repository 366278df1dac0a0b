import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import type { Change, Finding } from '../../src/plan/change.ts';
import type { PhotoTrouble } from '../../src/reconcile/avatars.ts';
import { createMaker } from '../../src/reconcile/maker.ts';
import { startSimulated } from '../support/homeserver/simulated.ts';
import {
  ACCOUNT,
  ANN,
  AVATAR,
  CREATE,
  ERASE,
  emptyStore,
  JOIN,
  LOCK,
  NOW,
  REVIVE,
  UNLOCK,
  UPDATE,
} from '../support/people-desk.ts';

const OCCASION = { account: ACCOUNT, userId: ANN, cause: 'a push' };
const LINE = { ...OCCASION, at: NOW, roomId: undefined };

/** A maker of changes on a simulated homeserver, with faults put in front of it; Ann has an account, unless `isNew`. */
async function makerDesk(faults: Partial<Homeserver> = {}, isNew = false) {
  const simulated = await startSimulated({ via: 'port' });
  const { world, homeserver, bot, person } = simulated;
  if (!isNew) world.register('ann');
  const owner = await person('owner');
  const room = await owner.createRoom();
  const store = emptyStore();
  const state = {
    photo: undefined as PhotoTrouble | undefined,
    told: [] as (readonly [Change, string])[],
    found: [] as Finding[],
  };
  const make = createMaker({
    ...{ store, homeserver: { ...homeserver, ...faults }, kickReason: 'no longer entitled', now: () => NOW },
    setAvatar: async ({ account, photo }) => {
      if (state.photo === undefined) await homeserver.updateAccount(account, { avatarUrl: photo });
      return state.photo;
    },
    listener: {
      changed: (...change) => state.told.push(change),
      found: (finding) => state.found.push(finding),
    },
  });
  const membership = async (account = ACCOUNT) => (await homeserver.member(room, account))?.membership;
  return {
    ...{ ...simulated, state, owner, room, membership },
    make: (change: Change) => make(change, OCCASION),
    account: () => homeserver.account(ACCOUNT),
    isBotIn: async () => (await membership(bot)) === 'join',
    told: async () => (await store.journal.find({ limit: 10 })).toReversed(),
  };
}

const inRoom = (kind: 'join' | 'kick', roomId: RoomId) => ({ ...JOIN, kind, roomId });
const refusal = (kind: HomeserverError['kind'] = 'refused') => new HomeserverError(kind, 'no such thing');
const fails = async () => {
  throw refusal();
};

describe('a change of an account', () => {
  it('makes it, with what it is to have', async () => {
    const { make, account } = await makerDesk({}, true);
    const externalId = { provider: 'oidc', id: 'e' };
    await make({ ...CREATE, profile: { displayName: 'Ann', externalId, email: 'ann@x' } });
    expect(await account()).toMatchObject({ displayName: 'Ann', externalIds: [externalId] });
  });

  it('updates it, or sets the avatar', async () => {
    const { make, account } = await makerDesk();
    await make(UPDATE);
    await make(AVATAR);
    expect(await account()).toMatchObject({ displayName: 'Ann Lee', avatarUrl: AVATAR.photo });
  });

  it('restricts it and lifts exactly that', async () => {
    const { make, account, world } = await makerDesk();
    await make(LOCK);
    await make(ERASE);
    expect(await account()).toMatchObject({ locked: true, deactivated: true });
    expect(world.accounts.isErased(ACCOUNT)).toBe(true);
    await make(UNLOCK);
    expect(await account()).toMatchObject({ locked: false, deactivated: true });
    await make(REVIVE);
    expect(await account()).toMatchObject({ deactivated: false });
  });
});

describe('a change in a room', () => {
  it('is made though the bot was not in the room and had no power there', async () => {
    const { make, room, membership, isBotIn, world } = await makerDesk();
    expect(await make(inRoom('join', room))).toBeUndefined();
    expect([await membership(), await isBotIn()]).toEqual(['join', true]);
    expect(await make(inRoom('kick', room))).toBeUndefined();
    expect(await membership()).toBe('leave');
    expect(world.rooms.get(room)?.members.get(ACCOUNT)).toMatchObject({ reason: 'no longer entitled' });
  });

  it('removes and gives levels though the bot was not in the room', async () => {
    for (const kind of ['kick', 'set-levels'] as const) {
      const { make, room, owner, person, membership, homeserver } = await makerDesk();
      const ann = await person('ann');
      await owner.invite(room, ACCOUNT);
      await ann.join(room);
      const levels = new Map([[ACCOUNT, 50]]);
      const change = kind === 'kick' ? inRoom(kind, room) : { kind, roomId: room, levels, lowers: false };
      expect(await make(change)).toBeUndefined();
      if (kind === 'kick') expect(await membership()).toBe('leave');
      else expect((await homeserver.roomPower(room))?.powerLevels.users.get(ACCOUNT)).toBe(50);
    }
  });

  it('takes no room over for somebody who is banned there', async () => {
    for (const kind of ['join', 'kick'] as const) {
      const { make, room, owner, membership, isBotIn } = await makerDesk({ kick: fails });
      await owner.ban(room, ACCOUNT);
      expect(await make(inRoom(kind, room))).toMatchObject({ kind: 'refused' });
      expect([await membership(), await isBotIn()]).toEqual(['ban', false]);
    }
  });

  it('takes it over when she is not banned, though that does not help', async () => {
    for (const kind of ['join', 'kick'] as const) {
      const { make, room, isBotIn } = await makerDesk({ kick: fails, join: fails });
      expect(await make(inRoom(kind, room))).toMatchObject({ kind: 'refused' });
      expect(await isBotIn()).toBe(true);
    }
  });

  it('of levels takes it over whatever is said of anybody’s membership', async () => {
    const { make, room, isBotIn } = await makerDesk({
      setPowerLevels: fails,
      member: async () => ({ membership: 'ban', sender: ACCOUNT }),
    });
    const levels = new Map([[ACCOUNT, 50]]);
    await make({ kind: 'set-levels', roomId: room, levels, lowers: false });
    expect(await isBotIn()).toBe(true);
  });
});

describe('what was made', () => {
  it('is told and goes into the journal, with whom it was about and what led to it', async () => {
    const { make, room, state, told } = await makerDesk();
    const join = inRoom('join', room);
    await make(UPDATE);
    await make(join);
    expect(state.told).toEqual([
      [UPDATE, 'done'],
      [join, 'done'],
    ]);
    expect(await told()).toEqual([
      {
        ...LINE,
        action: 'update-account',
        outcome: 'done',
        detail: `update account ${ACCOUNT} (displayName)`,
      },
      { ...LINE, action: 'join', outcome: 'done', roomId: room, detail: `join ${ACCOUNT} to ${room}` },
    ]);
  });

  it('goes into the journal for each member whose level it was', async () => {
    const { make, room, state, told, owner } = await makerDesk();
    const levels = new Map([
      [ACCOUNT, 0],
      [owner.userId, undefined],
    ]);
    const change = { kind: 'set-levels', roomId: room, levels, lowers: true } as const;
    await make(inRoom('join', room));
    expect(await make(change)).toBeUndefined();
    expect(state.told.slice(1)).toEqual([[change, 'done']]);
    const line = { ...LINE, action: 'set-levels', outcome: 'done', roomId: room };
    expect((await told()).slice(1)).toEqual([
      { ...line, detail: `give ${ACCOUNT} the power level 0` },
      { ...line, account: owner.userId, detail: `take the power level of ${owner.userId}` },
    ]);
  });
});

describe('what could not be made', () => {
  it.each(['refused', 'failed', 'not-found', 'protocol'] as const)(
    'since the homeserver says %s is a problem that is told each time and written down once',
    async (kind) => {
      const updateAccount = async () => {
        throw refusal(kind);
      };
      const { make, state, told } = await makerDesk({ updateAccount });
      const message = `update account ${ACCOUNT} (displayName): no such thing`;
      expect([await make(UPDATE), await make(UPDATE)]).toEqual([
        { kind, message },
        { kind, message },
      ]);
      expect(state.told).toEqual([
        [UPDATE, 'failed'],
        [UPDATE, 'failed'],
      ]);
      const line = { ...LINE, action: 'update-account', outcome: 'failed', detail: message };
      expect(await told()).toEqual([line]);
    },
  );

  it.each([
    refusal('unavailable'),
    refusal('unauthorised'),
    refusal('throttled'),
    new TypeError('a bug'),
    Object.assign(new Error('not of the homeserver'), { kind: 'refused' }),
  ])('since everything stops (%s) is nothing about this change', async (error) => {
    const updateAccount = async () => {
      throw error;
    };
    const { make, state, told } = await makerDesk({ updateAccount });
    await expect(make(UPDATE)).rejects.toBe(error);
    expect([state.told, await told()]).toEqual([[], []]);
  });

  it('since the photo can not be had now is a problem', async () => {
    const { make, state, told, account } = await makerDesk();
    state.photo = { kind: 'failed', reason: 'a time-out' };
    const message = `set the avatar of ${ACCOUNT}: a time-out`;
    expect(await make(AVATAR)).toEqual({ kind: 'failed', message });
    expect(state).toMatchObject({ told: [[AVATAR, 'failed']], found: [] });
    expect(await told()).toEqual([{ ...LINE, action: 'set-avatar', outcome: 'failed', detail: message }]);
    expect(await account()).toMatchObject({ avatarUrl: undefined });
  });

  it('since the photo is none is found once, and no problem', async () => {
    const { make, state, told } = await makerDesk();
    state.photo = { kind: 'unusable', reason: 'it is a text' };
    expect([await make(AVATAR), await make(AVATAR)]).toEqual([undefined, undefined]);
    const message = `The provider's photo can't be the avatar of ${ACCOUNT}: it is a text. It is tried again when its address changes.`;
    const about = { account: ACCOUNT, roomId: undefined };
    expect(state.found).toEqual([{ ...about, code: 'photo-unusable', blocking: false, message }]);
    expect(state.told).toEqual([]);
    expect(await told()).toEqual([{ ...LINE, action: 'photo-unusable', outcome: 'found', detail: message }]);
  });
});
