import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { lowerRequests, strayRequests } from '../../src/reconcile/room-reconciler.ts';
import { decideNow } from '../support/decide.ts';
import { actingStage, failed, levelsPlan, planned } from '../support/room-acting.ts';
import { ALIAS, ANN, at, BOB, BOT, OWNER } from '../support/room-stage.ts';

const EVE = at('eve');
const DONE = { problems: [], isDone: true };
const someNames = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

/** An exclusive room, of which a person said that strangers are removed from it; and these strangers. */
async function withStrays(...names: readonly string[]) {
  const stage = await actingStage();
  await stage.decided();
  await stage.group('eng', await stage.linked(ANN));
  stage.learn({ eng: { room: ALIAS, mode: 'exclusive' } });
  for (const name of names) stage.member(name);
  return stage;
}

describe('a stranger in an exclusive room', () => {
  it('is removed, with the reason in the journal', async () => {
    const { look, isIn, journal, room, store, changes } = await withStrays('eve');
    expect(await look()).toEqual(DONE);
    expect(changes).toEqual([{ kind: 'kick', account: EVE, roomId: room, via: [] }]);
    expect(await isIn(EVE)).toBe(false);
    expect(await journal()).toMatchObject([
      {
        ...{ action: 'kick', outcome: 'done', account: EVE, roomId: room, userId: undefined },
        cause: '#room:x is exclusive, and no group lets her in',
      },
    ]);
    expect(await store.guard.taken(0)).toEqual([{ kind: 'kick', account: EVE, roomId: room }]);
  });

  it('is asked about first, and stays till then, but for those who may go', async () => {
    const { look, isIn, member, decided, store, room } = await withStrays('eve');
    await decided(false);
    expect(await look()).toEqual(DONE);
    expect(await isIn(EVE)).toBe(true);
    expect(await store.guard.held()).toMatchObject([
      {
        ...{ kind: 'kick', account: EVE, roomId: room, userId: undefined, scope: `exclusive:${room}` },
        detail: `remove @eve:x, whom no group lets in, from ${room}`,
      },
    ]);
    await decideNow(store, `exclusive:${room}`, 'rejected');
    await decided();
    member('bad');
    await look();
    expect([await isIn(EVE), await isIn(at('bad'))]).toEqual([true, false]);
  });

  it('is spoken of no more once she is removed, or gone by herself', async () => {
    const { look, decided, store, room, world } = await withStrays('eve', 'bad');
    await decided(false);
    await look();
    await store.guard.hold([await heldLevel(room)]);
    await decideNow(store, `exclusive:${room}`, 'approved');
    await decided();
    world.passages.leave(at('bad'), room);
    await look(planned({ strays: [EVE], levels: undefined }));
    expect((await store.guard.held()).map(({ kind, account }) => [kind, account])).toEqual([['lower', BOB]]);
  });

  it.each([
    ['has a record of this room by now', 'here', true],
    ['has a record of another room', 'elsewhere', false],
    ['is in a group that opens it by now', 'group', true],
  ])('who %s is left or removed accordingly, and counts only if removed', async (_, what, stays) => {
    const { look, isIn, entitle, group, linked, learn, store } = await withStrays('eve');
    if (what === 'here') await entitle(EVE);
    if (what === 'elsewhere') {
      const [account, roomId] = [EVE, '!elsewhere' as RoomId];
      await store.people.saveEntitlement({
        ...{ account, roomId, state: 'joined', via: ['*'], mode: 'granted', since: 0 },
      });
    }
    if (what === 'group') {
      await group('late', await linked(EVE));
      learn({ eng: { room: ALIAS, mode: 'exclusive' }, late: { room: ALIAS, mode: 'exclusive' } });
    }
    expect(await look(planned({ strays: [EVE] }))).toEqual(DONE);
    expect(await isIn(EVE)).toBe(stays);
    expect(await store.guard.taken(0)).toHaveLength(stays ? 0 : 1);
  });

  it('is not removed while somebody deals with her, who may let her in', async () => {
    const { look, isIn, inTurn, entitle } = await withStrays('eve');
    const letIn = Promise.withResolvers<void>();
    const turn = inTurn([`account ${EVE}`], async () => {
      await letIn.promise;
      await entitle(EVE);
    });
    const looking = look();
    setTimeout(letIn.resolve, 30);
    await Promise.all([turn, looking]);
    expect(await isIn(EVE)).toBe(true);
  });

  it('who can’t be removed is a problem of the room', async () => {
    const { look, isIn, room, store } = await withStrays('eve');
    const outcome = await look(undefined, { kick: failed });
    expect(outcome).toEqual({
      problems: [{ target: room, message: `remove @eve:x from ${room}: did not answer in time` }],
      isDone: true,
    });
    expect(await isIn(EVE)).toBe(true);
    expect(await store.guard.taken(0)).toHaveLength(1);
  });
});

describe('many strangers', () => {
  it('up to twenty go in one look', async () => {
    const { look, homeserver, room } = await withStrays(...someNames(20));
    expect(await look()).toEqual(DONE);
    expect(await homeserver.joinedMembers(room)).toEqual(new Set([OWNER, BOT]));
  });

  it('more than that go in another, when others had their turn', async () => {
    const { look, homeserver, room } = await withStrays(...someNames(21));
    expect(await look()).toEqual({ problems: [], isDone: false });
    expect((await homeserver.joinedMembers(room))?.size).toBe(3);
    expect(await look()).toEqual(DONE);
    expect((await homeserver.joinedMembers(room))?.size).toBe(2);
  });

  it('of whom none could be removed wait until the room is looked at anyway', async () => {
    const { look, homeserver } = await withStrays(...someNames(21));
    const all = await look(undefined, { kick: failed });
    expect([all.problems?.length, all.isDone]).toEqual([20, true]);
    const butOne = await look(undefined, {
      kick: (roomId, account, reason) =>
        account === at('s0') ? homeserver.kick(roomId, account, reason) : failed(),
    });
    expect([butOne.problems?.length, butOne.isDone]).toEqual([19, false]);
  });

  it('count as removed only if they were, or may have been', async () => {
    const { look, homeserver, store } = await withStrays(...someNames(8));
    const kickAll = (kind: 'refused' | 'unavailable', count: number): Homeserver['kick'] => {
      let kicks = 0;
      return async (...args) => {
        kicks += 1;
        if (kicks > count) throw new HomeserverError(kind, 'no');
        await homeserver.kick(...args);
      };
    };
    await look(undefined, { kick: kickAll('refused', 2) });
    expect(await store.guard.taken(0)).toHaveLength(2);
    await expect(look(undefined, { kick: kickAll('unavailable', 1) })).rejects.toThrow('no');
    expect(await store.guard.taken(0)).toHaveLength(4); // one more, and the one without an answer
  });

  it('do not keep it from stopping', async () => {
    const { look, homeserver, room } = await withStrays(...someNames(3));
    const stopping = new AbortController();
    const kick: Homeserver['kick'] = async (...args) => {
      await homeserver.kick(...args);
      stopping.abort();
    };
    await expect(look(undefined, { kick }, stopping.signal)).rejects.toThrow('aborted');
    expect((await homeserver.joinedMembers(room))?.size).toBe(4);
  });
});

describe('a look at a room', () => {
  it('tells what the plan found', async () => {
    const { look, room } = await actingStage();
    const problem = { target: room, message: 'something' };
    expect(await look(planned({ problems: [problem] }))).toEqual({ problems: [problem], isDone: true });
    expect(await look(planned({ strays: undefined, levels: undefined }))).toEqual(DONE);
  });

  it('takes the room if it needs to, and plans with what it has then', async () => {
    const { look, setLevels, levels, linked, group, entitle, member, learn } = await actingStage();
    await group('eng', await linked(ANN));
    await entitle(member('ann'));
    setLevels({ [OWNER]: 100 });
    learn({ eng: { room: ALIAS, powerLevel: 50 } });
    expect(await look()).toEqual(DONE);
    expect(await levels()).toEqual({ [OWNER]: 100, [BOT]: 100, [ANN]: 50 });
  });

  it('takes no room without need', async () => {
    const { look } = await actingStage();
    expect(await look(planned({}), { takeRoom: failed })).toEqual(DONE);
  });

  it('is done again when what is known of the map changed meanwhile', async () => {
    const { look, isIn, learn, member } = await actingStage();
    member('eve');
    const outcome = await look(async (roomId) => {
      learn({ other: ALIAS });
      return planned({ strays: [EVE], problems: [{ target: '', message: 'of the former map' }] })(roomId);
    });
    expect(outcome).toEqual({ problems: undefined, isDone: false });
    expect(await isIn(EVE)).toBe(true);
  });
});

describe('what the guard is asked for', () => {
  const room = '!room' as RoomId;

  it('is each stranger, as nobody’s entitlement', () => {
    expect(strayRequests(room, [EVE])).toEqual([
      {
        ...{ kind: 'kick', account: EVE, roomId: room, userId: undefined, isStray: true, cause: undefined },
        detail: 'remove @eve:x, whom no group lets in, from !room',
      },
    ]);
  });

  it('is each level that is lowered, but of who is not there', () => {
    const lowered = new Map<UserId, number | undefined>([
      [ANN, undefined],
      [BOB, 0],
      [EVE, 5],
    ]);
    const same = { kind: 'lower', roomId: room, userId: undefined, cause: undefined };
    expect(lowerRequests(room, levelsPlan({ lowered }), new Set([EVE]))).toEqual([
      { ...same, account: ANN, detail: 'lower the power level of @ann:x in !room to that of everybody' },
      { ...same, account: BOB, detail: 'lower the power level of @bob:x in !room to 0' },
    ]);
  });
});

it('an outage ends the look', async () => {
  const { look } = await withStrays('eve');
  const kick = () => Promise.reject(new HomeserverError('unavailable', 'no connection'));
  await expect(look(undefined, { kick })).rejects.toThrow('no connection');
});

async function heldLevel(roomId: RoomId) {
  return {
    ...({ kind: 'lower', account: BOB, roomId, userId: undefined, detail: '', cause: undefined } as const),
    ...{ scope: `levels:${roomId}`, since: 0, verdict: undefined },
  };
}
