import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import type { FoundRooms } from '../../src/plan/openings.ts';
import { finderDesk } from '../support/finder-desk.ts';
import { failed } from '../support/room-acting.ts';
import { ALIAS, NOW } from '../support/room-stage.ts';

const HOURS = 3_600_000;
const [ELSEWHERE, GONE] = ['!elsewhere:y', '#gone:x'] as [RoomId, string];
const CHECK = 'Correct the group map, or make the room; until then nobody is added to it or removed from it.';
const noAlias = (target: string) => ({ target, message: `${target} is not an alias of any room. ${CHECK}` });
const notKnown = (target: string) => ({
  target,
  message: `${target} is not known to the homeserver. ${CHECK}`,
});
const notRead = (target: string) => ({ target, message: `${target}: did not answer in time` });

describe('a name of the map', () => {
  it('is the room that has the alias, or that id; all of them are found', async () => {
    const { find, room, make } = await finderDesk();
    const [ops, dev] = [make('#ops:x'), make()];
    const found = await find({ '*': ALIAS, ops: ['#ops:x', dev] });
    expect(found).toEqual({
      resolved: new Map([
        [ALIAS, room],
        ['#ops:x', ops],
        [dev, dev],
      ]),
      ...{ children: new Map(), missing: [], problems: [], warnings: [] },
    });
  });

  it('that no room has is a problem, and means what it meant', async () => {
    const { find, room, know } = await finderDesk();
    expect(await find({ eng: GONE }, { replacement: failed })).toMatchObject({
      resolved: new Map(),
      problems: [noAlias(GONE)],
    });
    await know({ [GONE]: room });
    expect(await find()).toMatchObject({ resolved: new Map([[GONE, room]]), problems: [noAlias(GONE)] });
  });

  it('that is the id of a room nobody here was ever in is a problem', async () => {
    const { find } = await finderDesk();
    expect(await find({ eng: ELSEWHERE })).toMatchObject({
      ...{ resolved: new Map(), problems: [notKnown(ELSEWHERE)] },
    });
  });

  it('that is an id is believed once it was known, and an alias always: nobody is asked who is in it', async () => {
    const { find, room, know, make } = await finderDesk();
    const dev = make();
    await know({ [dev]: dev });
    const found = await find({ eng: [ALIAS, dev] }, { joinedMembers: failed });
    expect(found.problems).toEqual([]);
    expect(found.resolved).toEqual(
      new Map<string, RoomId>([
        [ALIAS, room],
        [dev, dev],
      ]),
    );
  });

  it('that can’t be read is a problem, and means what it meant, even if that was replaced', async () => {
    const { find, room, know, make, replace } = await finderDesk();
    const [other, dev] = [make(), make()];
    await know({ [ALIAS]: other });
    replace(other, dev);
    const found = await find({ eng: [ALIAS, room] }, { resolveAlias: failed, joinedMembers: failed });
    expect(found.resolved).toEqual(new Map([[ALIAS, other]]));
    expect(found.problems).toEqual([notRead(ALIAS), notRead(room)]);
  });

  it.each(['unavailable', 'throttled'] as const)('breaks off if the homeserver is %s', async (kind) => {
    const { find, house } = await finderDesk();
    const resolveAlias = () => Promise.reject(new HomeserverError(kind, 'no'));
    await expect(find({ eng: ALIAS }, { resolveAlias })).rejects.toMatchObject({ kind });
    expect(house.edition()).toBe(0);
  });

  it('is not looked for any more once that is broken off', async () => {
    const { find, house } = await finderDesk();
    await expect(find({ eng: ALIAS }, {}, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(house.edition()).toBe(0);
    await find({ eng: ALIAS }, {}, new AbortController().signal);
    expect(house.edition()).toBe(1);
  });
});

describe('a room that was replaced', () => {
  it('is followed by its alias and by its id, however often it was', async () => {
    const { find, room, upgrade } = await finderDesk();
    const newest = upgrade(upgrade(room));
    const { resolved, warnings } = await find({ eng: [ALIAS, room] });
    expect([...resolved.values()]).toEqual([newest, newest]);
    expect(warnings.map(({ found }) => found)).toContain(`${room} was replaced by ${newest}`);
  });

  it('without its alias is seen to be within six hours, and by its id at once', async () => {
    const { find, room, make, replace, state } = await finderDesk();
    const other = make();
    const inForce = async () => [...(await find({ eng: [ALIAS, room] })).resolved.values()];
    state.now = NOW - 6 * HOURS;
    expect(await inForce()).toEqual([room, room]);
    state.now = NOW;
    expect(await inForce()).toEqual([room, room]);
    replace(room, other);
    state.now = NOW + 6 * HOURS - 1;
    expect(await inForce()).toEqual([room, other]);
    state.now += 1;
    expect(await inForce()).toEqual([other, other]);
    expect(await inForce()).toEqual([other, other]);
  });

  it('is followed as well when its alias is gone, unless that can’t be read', async () => {
    const { find, room, upgrade, loseAlias, know } = await finderDesk();
    await know({ [ALIAS]: room });
    const newer = upgrade(room);
    loseAlias(ALIAS);
    expect((await find({ eng: ALIAS })).resolved).toEqual(new Map([[ALIAS, newer]]));
    const found = await find({ eng: ALIAS }, { replacement: failed });
    expect(found.resolved).toEqual(new Map([[ALIAS, room]]));
    expect(found.problems).toEqual([noAlias(ALIAS)]);
  });

  it('by one that was replaced, and so on, is followed for twenty steps', async () => {
    const { find, room } = await finderDesk();
    const replacement = async (roomId: RoomId) =>
      (roomId === room ? '!1' : `!${Number(roomId.slice(1)) + 1}`) as RoomId;
    expect((await find({ eng: ALIAS }, { replacement })).resolved.get(ALIAS)).toBe('!20');
  });
});

describe('a room that Usher is to make', () => {
  const made = (create: object = {}) => ({ room: GONE, create });

  it.each([
    { ops: made({ name: 'Gone' }), eng: GONE },
    { eng: GONE, ops: made({ name: 'Gone' }), all: GONE },
  ])('is missing as long as there is none, and that is no problem: %j', async (map) => {
    const { find, house } = await finderDesk();
    const found = await find(map);
    expect(found).toMatchObject({ resolved: new Map(), problems: [], warnings: [] });
    expect(found.missing).toMatchObject([{ room: GONE, create: { name: 'Gone' } }]);
    // It is known that nobody is in it.
    expect((await house.openings()).uncertain).toEqual(new Set());
  });

  it('is not missing if it is there, nor if that can’t be read', async () => {
    const { find, make } = await finderDesk();
    const unread = await find({ eng: made() }, { resolveAlias: failed });
    expect(unread).toMatchObject({ missing: [], problems: [notRead(GONE)] });
    const gone = make(GONE);
    expect(await find()).toMatchObject({ missing: [], problems: [], resolved: new Map([[GONE, gone]]) });
  });

  it('is found in its space, which is not made if the map does not say how', async () => {
    const { find, space } = await finderDesk();
    const map = { eng: made({ parent: '#space:x' }) };
    expect(await find(map)).toMatchObject({ missing: [{ room: GONE }], problems: [noAlias('#space:x')] });
    const inside = space('#space:x');
    expect(await find(map)).toMatchObject({ resolved: new Map([['#space:x', inside]]), problems: [] });
  });

  it('and made is still that room without its alias: a warning says so', async () => {
    const { find, room, know, store } = await finderDesk();
    await store.rooms.saveCreated(GONE, room, NOW);
    const before = await find({ eng: made() });
    expect(before).toMatchObject({ resolved: new Map(), missing: [], problems: [noAlias(GONE)] });
    await know({ [GONE]: room });
    const found = await find();
    expect(found).toMatchObject({ resolved: new Map([[GONE, room]]), missing: [], problems: [] });
    expect(found.warnings).toMatchObject([
      { found: `${GONE} was made by Usher as ${room} and has lost its alias` },
    ]);
  });

  it('and made is not what it meant if that was another room', async () => {
    const { find, room, know, store, make } = await finderDesk();
    await store.rooms.saveCreated(GONE, room, NOW);
    const other = make();
    await know({ [GONE]: other });
    expect(await find({ eng: made() })).toMatchObject({
      ...{ resolved: new Map([[GONE, other]]), problems: [noAlias(GONE)] },
    });
  });

  it('and made that can’t be read has lost nothing', async () => {
    const { find, room, know, store } = await finderDesk();
    await store.rooms.saveCreated(GONE, room, NOW);
    await know({ [GONE]: room });
    const found = await find({ eng: made() }, { resolveAlias: failed });
    expect(found).toMatchObject({ problems: [notRead(GONE)], warnings: [] });
  });

  it('and of which it is not known whether it was made is missing', async () => {
    const { find, store } = await finderDesk();
    await store.rooms.saveCreated(GONE, undefined, NOW);
    expect(await find({ eng: made() })).toMatchObject({ missing: [{ room: GONE }], problems: [] });
  });
});

describe('what is about to be in force', () => {
  it('is told before it is, and what comes of that is done when it is', async () => {
    const { find, room, state, house, make } = await finderDesk();
    const told: unknown[] = [];
    state.beforeLearning = async (map, found: FoundRooms) => {
      told.push(house.edition(), map, found);
      return async () => void told.push(house.edition(), house.nameOf(room));
    };
    make('#ops:x');
    await find({ eng: [ALIAS, { room: GONE, create: true }] });
    expect(told).toEqual([
      0,
      { rules: [expect.objectContaining({ group: { kind: 'external-id', id: 'eng' } })] },
      { resolved: new Map([[ALIAS, room]]), children: new Map(), toMake: new Set([GONE]) },
      1,
      ALIAS,
    ]);
  });

  it('is not, if whoever is told of it fails', async () => {
    const { find, state, house } = await finderDesk();
    state.beforeLearning = () => Promise.reject(new Error('a full disk'));
    await expect(find({ eng: ALIAS })).rejects.toThrow('a full disk');
    expect(house.edition()).toBe(0);
  });
});
