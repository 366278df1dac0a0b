import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { createStepLog } from '../../src/reconcile/steps.ts';
import { NOW, surveyDesk } from '../support/survey-desk.ts';

const ALIAS = '#eng:usher.test';
const ROUTINE = 'full pass';

/** A room with an alias, which the group `eng` opens. */
async function office() {
  const desk = await surveyDesk();
  const room = await desk.owner.createRoom();
  const found = { resolved: new Map([[ALIAS, room]]) };
  return { ...desk, room, found, map: { eng: [ALIAS] } };
}

describe('a survey of a room', () => {
  it('finds nothing to be done where everything is as it is to be', async () => {
    const { person, group, record, homeserver, survey, room, found, map } = await office();
    const ann = await person('ann');
    const eng = await group('eng', ann.id);
    await record(ann.account, room, { via: [eng] });
    await homeserver.join(room, ann.account);
    expect(await survey(map, { found })).toEqual({ problems: [], told: [], rooms: [] });
  });

  it('finds who is to be let in, who is not in any more, and who is not entitled any more', async () => {
    const { person, group, record, survey, room, found, map } = await office();
    const [ann, bob, cyd] = [await person('ann'), await person('bob'), await person('cyd')];
    const eng = await group('eng', ann.id, bob.id);
    await record(bob.account, room, { via: [eng] });
    await record(cyd.account, room, { via: [eng] });
    expect((await survey(map, { found })).told).toEqual([
      `removal cyd: full pass: nothing lets her into ${ALIAS} any more`,
      `bulk bob: full pass: she was not in ${ALIAS} any more (changed by somebody)`,
      `bulk ann: full pass: ${ALIAS} is open to her`,
    ]);
  });

  it('has whoever shares an account looked at when it loses a room, and else who is active only', async () => {
    const { person, group, record, survey, room, found, map } = await office();
    const account = userId('shared', 'usher.test');
    const link = { account, inactiveSince: 1 };
    const [ann] = [await person('ann', {}, link), await person('gone', { active: false }, link)];
    const eng = await group('eng', ann.id);
    const { told } = await survey(map, { found });
    expect(told.filter((line) => line.includes(ALIAS))).toEqual([
      `bulk ann: full pass: ${ALIAS} is open to her`,
    ]);
    await record(account, room, { via: [eng] });
    const after = await survey({});
    expect(after.told.filter((line) => line.startsWith('removal'))).toEqual([
      `removal ann: full pass: nothing lets her into ${room} any more`,
      `removal gone: full pass: nothing lets her into ${room} any more`,
    ]);
  });

  it('that the homeserver does not know is a problem if the map has it', async () => {
    const { person, record, survey } = await surveyDesk();
    const unknown = '!unknown:usher.test' as RoomId;
    const ann = await person('ann');
    await record(ann.account, unknown);
    expect(await survey({ eng: [unknown] })).toEqual({
      problems: [{ target: unknown, message: expect.stringContaining('is not known to the homeserver') }],
      ...{ told: [], rooms: [] },
    });
    expect(await survey({})).toEqual({
      ...{ problems: [], rooms: [] },
      told: [`removal ann: full pass: nothing lets her into ${unknown} any more`],
    });
  });

  it('that nobody of this homeserver is in is a problem if the map has it', async () => {
    const { person, record, survey, room, found, map, homeserver } = await office();
    const ann = await person('ann');
    await record(ann.account, room);
    const joinedMembers = async () => new Set([userId('guest', 'elsewhere.test')]);
    const faults = { joinedMembers };
    expect(await survey(map, { found, faults })).toEqual({
      problems: [
        { target: ALIAS, message: expect.stringContaining(`Nobody of this homeserver is in ${ALIAS}`) },
      ],
      ...{ told: [], rooms: [] },
    });
    expect((await survey({}, { faults })).problems).toEqual([]);
    const both = async (id: RoomId) =>
      new Set([...(await joinedMembers()), ...((await homeserver.joinedMembers(id)) ?? [])]);
    expect((await survey(map, { found, faults: { joinedMembers: both } })).problems).toEqual([]);
  });

  it('that can’t be read is a problem, in the order of the map, and the others are looked at', async () => {
    const { owner, person, group, record, survey, homeserver } = await surveyDesk();
    const [first, second, third] = [
      await owner.createRoom(),
      await owner.createRoom(),
      await owner.createRoom(),
    ];
    const ann = await person('ann');
    await group('eng', ann.id);
    await record(ann.account, first);
    const joinedMembers = async (roomId: RoomId) => {
      if (roomId === second) return homeserver.joinedMembers(roomId);
      if (roomId === first) await new Promise((resolve) => setTimeout(resolve, 5));
      throw new HomeserverError('refused', 'no look into that');
    };
    const { problems, told } = await survey({ eng: [first, second, third] }, { faults: { joinedMembers } });
    expect(problems).toEqual(
      [first, third].map((target) => ({ target, message: `${target}: no look into that` })),
    );
    expect(told).toEqual([`bulk ann: full pass: ${second} is open to her`]);
  });

  it('ends when the homeserver as a whole does not answer, and when it is told to', async () => {
    const { survey, found, map } = await office();
    const joinedMembers = async () => {
      throw new HomeserverError('unavailable', 'down');
    };
    await expect(survey(map, { found, faults: { joinedMembers } })).rejects.toThrow('down');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(survey(map, { found, signal })).rejects.toThrow('enough');
    await expect(survey({}, { signal })).rejects.toThrow('enough'); // also with no room to look at
  });

  it('is told of once, however often it comes', async () => {
    const { person, group, record, survey, room, found, map, store } = await office();
    const [ann, bob] = [await person('ann'), await person('bob')];
    await group('eng', ann.id);
    await record(bob.account, room);
    await store.rooms.saveLevels(room, new Map([[bob.account, [50]]]));
    const { told, rooms } = await survey({ ...map, '*': [{ room: ALIAS, mode: 'granted' }] }, { found });
    expect(told).toHaveLength(2);
    expect(rooms).toEqual([room]);
  });
});

describe('a room as a whole', () => {
  it('needs a look when the map gives levels in it, or when some were given', async () => {
    const { survey, room, found, store } = await office();
    expect((await survey({ eng: [ALIAS] }, { found })).rooms).toEqual([]);
    expect((await survey({ eng: [{ room: ALIAS, powerLevel: 50 }] }, { found })).rooms).toEqual([room]);
    await store.rooms.saveLevels(room, new Map([[userId('ann', 'usher.test'), [50]]]));
    expect((await survey({ eng: [ALIAS] }, { found })).rooms).toEqual([room]);
    expect((await survey({})).rooms).toEqual([room]);
  });

  it('needs a look when a stranger of this homeserver is in an exclusive room, and in no other', async () => {
    const { survey, room, found, person, homeserver } = await office();
    const exclusive = { eng: [{ room: ALIAS, mode: 'exclusive' }] };
    expect((await survey(exclusive, { found })).rooms).toEqual([]);
    const stranger = await person('stranger');
    await homeserver.join(room, stranger.account);
    expect((await survey(exclusive, { found })).rooms).toEqual([room]);
    expect((await survey({ eng: [ALIAS] }, { found })).rooms).toEqual([]);
  });

  it('needs none for who is entitled, who was, and who is of another homeserver', async () => {
    const { survey, room, found, person, group, record, homeserver } = await office();
    const [ann, bob] = [await person('ann'), await person('bob')];
    await group('eng', ann.id);
    await record(bob.account, room);
    await homeserver.join(room, ann.account);
    await homeserver.join(room, bob.account);
    const joinedMembers = async (id: RoomId) =>
      new Set([...((await homeserver.joinedMembers(id)) ?? []), userId('guest', 'elsewhere.test')]);
    const exclusive = { eng: [{ room: ALIAS, mode: 'exclusive' }] };
    expect((await survey(exclusive, { found, faults: { joinedMembers } })).rooms).toEqual([]);
  });
});

describe('a survey of accounts', () => {
  it('finds users who have no account', async () => {
    const { user, survey } = await surveyDesk();
    await user('ann');
    expect((await survey({})).told).toEqual([`bulk ann: ${ROUTINE}`]);
  });

  it('finds those that are not as they are to be: those of who left first', async () => {
    const { person, survey } = await surveyDesk();
    await person('back', {}, { restriction: 'suspend', inactiveSince: NOW });
    await person('left', { active: false });
    await person('away', { active: false }, { inactiveSince: NOW });
    expect((await survey({})).told).toEqual([`removal left: ${ROUTINE}`, `bulk back: ${ROUTINE}`]);
  });

  it('finds those of which a step was begun and not ended, with all who have them', async () => {
    const { person, survey, store } = await surveyDesk();
    const ann = await person('ann');
    await person('bob');
    await person('gone', { active: false }, { account: ann.account, inactiveSince: NOW });
    await createStepLog(store).begin(ann.account, []);
    const { told } = await survey({});
    const begun = told.filter((line) => line.startsWith('removal'));
    expect(begun).toEqual([`removal ann: ${ROUTINE}`, `removal gone: ${ROUTINE}`]);
    await createStepLog(store).end(ann.account);
    expect((await survey({})).told.filter((line) => line.startsWith('removal'))).toEqual([]);
  });

  it('finds those that somebody changed on the homeserver, and says what was changed', async () => {
    const { person, survey, homeserver, link, user } = await surveyDesk();
    const ann = await person('ann', { displayName: 'Ann' });
    await homeserver.updateAccount(ann.account, { displayName: 'Anna' });
    expect((await survey({})).told).toEqual([
      `bulk ann: ${ROUTINE}: the account has the display name "Anna" instead of "Ann" (changed by somebody)`,
    ]);
    await homeserver.updateAccount(ann.account, { displayName: 'Ann' });
    await link(await user('lost'), '@lost:usher.test' as typeof ann.account);
    expect((await survey({})).told).toEqual([
      `bulk lost: ${ROUTINE}: the account is not on the homeserver any more (changed by somebody)`,
    ]);
  });

  it('that can’t be listed is a problem, after those of the rooms', async () => {
    const { survey, user } = await surveyDesk();
    await user('ann');
    const accounts = async function* () {
      yield* [];
      throw new HomeserverError('refused', 'no list');
    };
    expect(await survey({ eng: ['!unknown:usher.test'] }, { faults: { accounts } })).toEqual({
      problems: [
        { target: '!unknown:usher.test', message: expect.any(String) },
        { target: 'the list of accounts', message: 'the list of accounts: no list' },
      ],
      ...{ told: [`bulk ann: ${ROUTINE}`], rooms: [] },
    });
  });
});
