import { describe, expect, it } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import { NOW, surveyDesk } from '../support/survey-desk.ts';

const DAY = 86_400_000;
const LOST = '#lost:usher.test';

/** Ann is in a group, bob in none; they are recorded to be in a room by that group, and nothing opens it. */
async function former() {
  const desk = await surveyDesk();
  const room = await desk.owner.createRoom();
  const [ann, bob] = [await desk.person('ann'), await desk.person('bob')];
  const eng = await desk.group('eng', ann.id, await desk.user('nobody'));
  for (const { account } of [ann, bob]) await desk.record(account, room, { via: [eng] });
  const removed = async (...args: Parameters<typeof desk.survey>) =>
    (await desk.survey(...args)).told
      .flatMap((line) => /^removal (\w+): full pass: nothing/.exec(line)?.[1] ?? [])
      .toSorted();
  return { ...desk, room, ann, bob, eng, removed };
}

describe('what seems to have ended', () => {
  it('has ended when all rooms of the map are known', async () => {
    const { removed } = await former();
    expect(await removed({})).toEqual(['ann', 'bob']);
    expect(await removed({ '*': [LOST] }, { found: { resolved: new Map() } })).toEqual([]);
  });

  it('may be in a room of a group of which one is not known: for its members only', async () => {
    const { removed } = await former();
    expect(await removed({ eng: [LOST] })).toEqual(['bob']);
  });

  it('may be in a room of everybody’s that is not known: for who is active only', async () => {
    const { removed, person, record, room } = await former();
    const gone = await person('gone', { active: false }, { inactiveSince: NOW - DAY });
    await record(gone.account, room);
    expect(await removed({ '*': [LOST] })).toEqual(['gone']);
  });

  it('may be so beside a room of a group, too', async () => {
    const { removed } = await former();
    expect(await removed({ '*': [LOST], eng: [LOST] })).toEqual([]);
  });

  it('in a room that is known has, if it came by a group of which all rooms are', async () => {
    const { removed, room, ann, record, group } = await former();
    await record(ann.account, room, { via: ['*', await group('old')] });
    const map = { ops: [room], eng: [LOST] };
    expect(await removed(map)).toEqual(['ann', 'bob']);
  });

  it('in a room that is known has not, if it came by a group of which some room is not', async () => {
    const { removed, room, ann, record, group, eng } = await former();
    await record(ann.account, room, { via: [await group('old'), eng] });
    const map = { ops: [room], eng: [LOST] };
    expect(await removed(map)).toEqual(['bob']);
  });

  it('has not in a room of which it is not known whether it was upgraded', async () => {
    const { removed, room } = await former();
    expect(await removed({}, { unread: [room] })).toEqual([]);
  });
});

describe('the rooms of those who left', () => {
  const keep = { onDeactivate: [{ step: 'rooms', afterMs: DAY }], onDelete: [] } as const;

  it('are theirs until the ladder takes them', async () => {
    const { removed, person, record, room } = await former();
    const away = { active: false };
    for (const [name, inactiveSince] of [
      ['new', NOW - DAY + 1],
      ['old', NOW - DAY],
      ['unseen', undefined],
    ] as const) {
      const { account } = await person(name, away, { inactiveSince });
      await record(account, room);
    }
    expect(await removed({}, { policy: keep })).toEqual(['ann', 'bob', 'old', 'unseen']);
  });

  it('are taken as of one who is there, while somebody who has the account is', async () => {
    const { removed, person, record, room } = await former();
    const link = { account: userId('shared', 'usher.test'), inactiveSince: NOW };
    await person('away', { active: false }, link);
    await person('here', {}, link);
    await record(link.account, room);
    expect(await removed({}, { policy: keep })).toEqual(['ann', 'away', 'bob', 'here']);
  });

  it('are taken as of deleted people once all who have the account are deleted', async () => {
    const { removed, person, record, room, remove } = await former();
    const link = { account: userId('shared', 'usher.test'), inactiveSince: NOW };
    const [one, other] = [
      await person('one', { active: false }, link),
      await person('other', { active: false }, link),
    ];
    await record(link.account, room);
    await remove(one.id);
    expect(await removed({}, { policy: keep })).toEqual(['ann', 'bob']);
    await remove(other.id);
    expect(await removed({}, { policy: keep })).toEqual(['ann', 'bob', 'one', 'other']);
  });
});
