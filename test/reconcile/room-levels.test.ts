import { describe, expect, it } from 'vitest';
import { type UserId, userId } from '../../src/matrix/ids.ts';
import { linkOf } from '../support/people.ts';
import { ALIAS, ANN, at, BOB, BOT, OWNER, roomStage } from '../support/room-stage.ts';

type Users = Readonly<Record<string, number>>;

/** Ann and Bob are in the room and are to have a level of 50; the bot may give it. */
async function moderated(options: Parameters<typeof roomStage>[0] = {}) {
  const stage = await roomStage(options);
  const ids = [await stage.linked(ANN), await stage.linked(BOB)] as const;
  await stage.group('eng', ...ids);
  for (const name of ['ann', 'bob']) await stage.entitle(stage.member(name));
  stage.setLevels({ [BOT]: 100, [OWNER]: 100 });
  stage.learn({ eng: { room: ALIAS, powerLevel: 50 } });
  return {
    ...{ ...stage, ids },
    setLevels: (users: Users) => stage.setLevels({ [BOT]: 100, [OWNER]: 100, ...users }),
    /** All that is said of levels. */
    setAll: stage.setLevels,
    give: (account: UserId, ...levels: readonly number[]) =>
      stage.store.rooms.saveLevels(stage.room, new Map([[account, levels]])),
    plan: () => stage.planner()(stage.room),
  };
}

const BOTH_RAISED = new Map([
  [ANN, 50],
  [BOB, 50],
]);

describe('the levels of a room', () => {
  it('are given to those who are in it, and all is told', async () => {
    const { plan } = await moderated();
    expect(await plan()).toEqual({
      levels: { raised: BOTH_RAISED, lowered: new Map(), records: new Map(), beyond: new Map() },
      ...{ absent: new Set(), staying: new Set(), strays: [], unreachable: new Set() },
      ...{ needsPower: false, problems: [] },
    });
  });

  it('are not given to who left or was never in, nor by a group without one', async () => {
    const { plan, entitle, linked, member, group, learn } = await moderated();
    await entitle(BOB, 'left');
    await group('other', await linked(at('cyd')));
    await entitle(member('cyd'));
    learn({ eng: { room: ALIAS, powerLevel: 50 }, other: ALIAS });
    expect((await plan()).levels?.raised).toEqual(new Map([[ANN, 50]]));
    await entitle(ANN, 'granted');
    expect((await plan()).levels?.raised).toEqual(new Map());
  });

  it('are not written down for the bot, though somebody is said to have its account', async () => {
    const { plan, group, linked, learn, entitle } = await moderated();
    await group('bots', await linked(BOT));
    await entitle(BOT);
    learn({ eng: { room: ALIAS, powerLevel: 50 }, bots: { room: ALIAS, powerLevel: 100 } });
    expect((await plan()).levels).toMatchObject({ raised: BOTH_RAISED, records: new Map() });
  });

  it('of who is protected are neither raised nor lowered', async () => {
    const { plan, linked, group, learn, entitle, give, setLevels, world } = await moderated();
    await group('more', await linked(OWNER));
    await entitle(OWNER);
    world.putAccount(BOB, { admin: true });
    learn({ eng: { room: ALIAS, powerLevel: 40 }, more: { room: ALIAS, powerLevel: 60 } });
    setLevels({ [OWNER]: 10, [BOB]: 50 });
    await give(BOB, 50);
    expect((await plan()).levels).toMatchObject({ raised: new Map([[ANN, 40]]), lowered: new Map() });
    setLevels({ [OWNER]: 10, [ANN]: 50, [BOB]: 10 });
    await give(ANN, 50);
    expect((await plan()).levels).toMatchObject({ raised: new Map(), lowered: new Map([[ANN, 40]]) });
  });

  it('of a server admin whom we made one are as those of anybody', async () => {
    const { plan, ids, store, world } = await moderated();
    world.putAccount(BOB, { admin: true });
    expect((await plan()).levels?.raised).toEqual(new Map([[ANN, 50]]));
    await store.people.saveLink(linkOf(ids[1] ?? ids[0], BOB, { isAdmin: true }));
    expect((await plan()).levels?.raised).toEqual(BOTH_RAISED);
  });

  it('of an account that is gone are set like those of any other', async () => {
    const { planner, room, homeserver } = await moderated();
    const gone = await planner({
      account: async (account) => (account === ANN ? undefined : homeserver.account(account)),
    })(room);
    expect(gone.levels?.raised).toEqual(BOTH_RAISED);
  });

  it('are taken where we gave some, though the map gives none any more', async () => {
    const { plan, learn, give, setLevels } = await moderated();
    learn({ eng: ALIAS });
    setLevels({ [ANN]: 50 });
    expect((await plan()).levels).toMatchObject({ lowered: new Map(), records: new Map() });
    await give(ANN, 50);
    expect((await plan()).levels).toMatchObject({ lowered: new Map([[ANN, undefined]]), raised: new Map() });
  });

  it('of who has left the room take nothing away that is of use to her', async () => {
    const { plan, give, setLevels, world, room, learn } = await moderated();
    learn({ eng: { room: ALIAS, powerLevel: 40 } });
    setLevels({ [ANN]: 50, [BOB]: 50 });
    await give(ANN, 50);
    await give(BOB, 50);
    world.passages.leave(BOB, room);
    const { levels, absent } = await plan();
    expect(levels?.lowered.size).toBe(2);
    expect(absent).toEqual(new Set([BOB]));
  });

  it('of members of whom nothing can be read take nothing away', async () => {
    const { planner, room, give, setLevels, learn } = await moderated();
    learn({ eng: { room: ALIAS, powerLevel: 40 } });
    setLevels({ [ANN]: 50 });
    await give(ANN, 50);
    const { absent } = await planner({ joinedMembers: async () => undefined })(room);
    expect(absent).toEqual(new Set([ANN]));
  });

  it('need no look at who is in the room when none is lowered', async () => {
    const { planner, room } = await moderated();
    const unreadable = { joinedMembers: () => Promise.reject(new Error('a large room')) };
    expect((await planner(unreadable)(room)).levels?.raised).toEqual(BOTH_RAISED);
  });

  it('of who is in it and not let in any more stay as they are', async () => {
    const { plan, learn, give, setLevels, group, ids } = await moderated();
    setLevels({ [ANN]: 50, [BOB]: 50 });
    await give(ANN, 50);
    await give(BOB, 50);
    await group('half', ...ids.slice(1));
    learn({ half: { room: ALIAS, powerLevel: 50 } });
    const { levels, staying } = await plan();
    expect([levels?.lowered, levels?.records, staying]).toEqual([new Map(), new Map(), new Set([ANN])]);
  });

  it('are not known of a room that the homeserver does not know', async () => {
    const { planner, room } = await moderated();
    expect(await planner({ roomPower: async () => undefined })(room)).toMatchObject({
      ...{ levels: undefined, absent: new Set(), staying: new Set(), needsPower: false, strays: [] },
    });
  });

  it('are not looked at in a room that has none', async () => {
    const { planner, room, learn } = await moderated();
    learn({ eng: { room: ALIAS, mode: 'exclusive' } });
    const unreadable = { roomPower: () => Promise.reject(new Error('no need')) };
    const none = { raised: new Map(), lowered: new Map(), records: new Map(), beyond: new Map() };
    expect((await planner(unreadable)(room)).levels).toEqual(none);
  });
});

describe('more power is needed', () => {
  const change = (level: number) => ({ events: { 'm.room.power_levels': level } });
  const cases: readonly [string, Users, object, boolean][] = [
    ['by a bot that may not change levels', { [BOT]: 99, [OWNER]: 100 }, {}, true],
    ['by a bot that has no level', { [OWNER]: 100 }, {}, true],
    ['not by one that may change them', { [BOT]: 100, [OWNER]: 100 }, {}, false],
    ['not by one that may, as everybody', { [ANN]: 20 }, { users_default: 60, ...change(60) }, false],
    ['not while nothing is to be changed', { [OWNER]: 100, [ANN]: 50, [BOB]: 50 }, {}, false],
    ['for a level as high as the bot', { [BOT]: 50, [OWNER]: 51 }, change(50), true],
    ['not if nobody has more', { [BOT]: 50, [OWNER]: 50 }, change(50), false],
    ['not because others have more', { [BOT]: 100, [OWNER]: 150 }, {}, false],
    ['if one can be raised and one can’t', { [BOT]: 60, [OWNER]: 100, [BOB]: 60 }, {}, true],
    ['if one is to be raised and one lowered', { [BOT]: 99, [OWNER]: 100, [BOB]: 70 }, {}, true],
  ];
  it.each(cases)('%s', async (_, users, rest, needsPower) => {
    const { plan, setAll, give } = await moderated();
    await give(BOB, 70);
    setAll(users, rest);
    expect((await plan()).needsPower).toBe(needsPower);
  });

  it.each([
    ['of another homeserver', userId('admin', 'elsewhere'), true],
    ['who is not in the room any more', at('gone'), false],
  ])('not for a level that only somebody has %s', async (_, account, isIn) => {
    const { plan, setAll, enter } = await moderated();
    if (isIn) enter(account);
    setAll({ [BOT]: 50, [account]: 100 }, change(50));
    expect(await plan()).toMatchObject({ levels: { raised: new Map() }, needsPower: false });
  });

  it('to take a level away', async () => {
    const { plan, setLevels, give, learn } = await moderated();
    learn({ eng: ALIAS });
    await give(ANN, 30);
    setLevels({ [ANN]: 30, [BOT]: 90 });
    expect(await plan()).toMatchObject({
      levels: { lowered: new Map([[ANN, undefined]]) },
      needsPower: true,
    });
  });

  it('by nobody who created the room', async () => {
    const { plan, setAll } = await moderated({ version: '12', creator: BOT });
    setAll({});
    expect(await plan()).toMatchObject({ levels: { raised: BOTH_RAISED }, needsPower: false });
  });

  it('for a level that only who created the room can give', async () => {
    const { plan, setAll } = await moderated({ version: '12' });
    setAll({ [BOT]: 50 }, change(50));
    expect(await plan()).toMatchObject({ levels: { raised: new Map() }, needsPower: true });
  });

  it('not for who created the room: no power is enough', async () => {
    const { plan, setAll, linked, group, entitle, learn } = await moderated({ version: '12' });
    await group('owners', await linked(OWNER));
    await entitle(OWNER);
    learn({ owners: { room: ALIAS, powerLevel: 50 } });
    setAll({});
    const { levels, needsPower } = await plan();
    expect([...(levels?.beyond.keys() ?? []), needsPower]).toEqual([OWNER, false]);
  });
});
