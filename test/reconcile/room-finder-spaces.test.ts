import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { failingFor, finderDesk } from '../support/finder-desk.ts';
import { failed } from '../support/room-acting.ts';
import { ALIAS, ANN } from '../support/room-stage.ts';

const SPACE = '#space:x';
const ELSEWHERE = '!elsewhere:y' as RoomId;
const ALL = { eng: { room: SPACE, children: 'all' } };
const CHECK = 'Correct the group map, or make the room; until then nobody is added to it or removed from it.';
const notKnown = (target: string) => ({
  target,
  message: `${target} is not known to the homeserver. ${CHECK}`,
});
const notRead = (target: string) => ({ target, message: `${target}: did not answer in time` });

describe('the rooms of a space', () => {
  it('are found in its order, each as it is today and once', async () => {
    const { find, space, make, upgrade, replace, room } = await finderDesk();
    const [first, old, other] = [make(), make(), make()];
    const inside = space(SPACE, other, old, first, room);
    const newer = upgrade(old);
    replace(other, newer);
    const found = await find(ALL);
    expect(found.children).toEqual(new Map([[inside, [newer, first, room]]]));
    expect(found.problems).toEqual([]);
  });

  it('are not read if none comes along', async () => {
    const { find, space, room } = await finderDesk();
    space(SPACE, room);
    const found = await find({ eng: SPACE }, { children: failed });
    expect(found).toMatchObject({ children: new Map(), problems: [] });
  });

  it('that the map names are rooms of the map', async () => {
    const { find, space, room } = await finderDesk();
    const inside = space(SPACE, room);
    const found = await find({ eng: { room: SPACE, children: [ALIAS] } });
    expect(found.resolved).toEqual(
      new Map([
        [SPACE, inside],
        [ALIAS, room],
      ]),
    );
    expect(found.children).toEqual(new Map([[inside, [room]]]));
  });

  it('that the map names, and has made elsewhere, are made', async () => {
    const { find, space } = await finderDesk();
    const inside = space(SPACE);
    const room = '#new:x';
    const map = { ops: { room, create: true }, eng: { room: SPACE, children: [room] } };
    expect(await find(map)).toMatchObject({ resolved: new Map([[SPACE, inside]]), missing: [{ room }] });
    const reversed = { eng: map.eng, ops: map.ops };
    expect(await find(reversed)).toMatchObject({ missing: [{ room }], problems: [] });
  });

  it('that nobody here was ever in are a problem, once; unless they were known', async () => {
    const { find, space, room, know } = await finderDesk();
    const inside = space(SPACE, ELSEWHERE, room);
    const map = { eng: ALL.eng, ops: { room: SPACE, children: [ALIAS] } };
    const found = await find(map);
    expect(found.children).toEqual(new Map([[inside, [room]]]));
    expect(found.problems).toEqual([notKnown(ELSEWHERE)]);
    await know({ [SPACE]: inside }, { [inside]: [ELSEWHERE] });
    const later = await find(map);
    expect(later.children).toEqual(new Map([[inside, [ELSEWHERE, room]]]));
    expect(later.problems).toEqual([]);
  });

  it('of which one can’t be read are the others, and that one if it was known', async () => {
    const { find, space, room, make, know, homeserver } = await finderDesk();
    const dev = make();
    const inside = space(SPACE, room, dev);
    const faults = { replacement: failingFor(homeserver.replacement, dev) };
    const found = await find(ALL, faults);
    expect(found).toMatchObject({ children: new Map([[inside, [room]]]), problems: [notRead(dev)] });
    await know({ [SPACE]: inside }, { [inside]: [dev] });
    const later = await find(ALL, faults);
    expect(later).toMatchObject({ children: new Map([[inside, [room, dev]]]), problems: [notRead(dev)] });
  });

  it('that can’t be read are those that were known, also before the space was upgraded', async () => {
    const { find, space, room, know, upgrade } = await finderDesk();
    const inside = space(SPACE, room);
    const unknown = await find(ALL, { children: failed });
    expect(unknown).toMatchObject({ children: new Map(), problems: [notRead(SPACE)] });
    await know({ [SPACE]: inside }, { [inside]: [room] });
    const known = await find(ALL, { children: failed });
    expect(known).toMatchObject({ children: new Map([[inside, [room]]]), problems: [notRead(SPACE)] });
    const newer = upgrade(inside);
    const upgraded = await find(ALL, { children: failed });
    expect(upgraded).toMatchObject({ children: new Map([[newer, [room]]]), problems: [notRead(SPACE)] });
  });

  it('of a space that is not known are none', async () => {
    const { find } = await finderDesk();
    const found = await find({ eng: { room: '!space:x', children: 'all' } });
    expect(found).toMatchObject({ children: new Map(), problems: [notKnown('!space:x')] });
  });

  it('are said not to be in it only if that is known', async () => {
    const { find, space, know, room, make, homeserver } = await finderDesk();
    const dev = make();
    const inside = space(SPACE, dev);
    const map = { eng: { room: SPACE, children: [ALIAS] } };
    const warning = { found: `${ALIAS} is among the "children" of ${SPACE} and no room of that space` };
    expect((await find(map)).warnings).toMatchObject([warning]);
    await know({ [SPACE]: inside, [ALIAS]: room }, { [inside]: [dev] });
    const resolveAlias = failingFor(homeserver.resolveAlias, ALIAS);
    expect((await find(map, { resolveAlias })).warnings).toEqual([]);
    expect((await find(map, { children: failed })).warnings).toEqual([]);
  });
});

describe('a room that somebody is in by us, and that the map has no more', () => {
  it('is retired if a room of the map replaced it, or one of a space', async () => {
    const { find, space, entitle, make, replace, house, levelGiven, room, state } = await finderDesk();
    const [newer, leveled, child] = [make('#newer:x'), make(), make()];
    space(SPACE, child);
    replace(leveled, child);
    replace(room, newer);
    await entitle(ANN);
    await levelGiven(leveled);
    state.map = { eng: ['#newer:x', { room: SPACE, children: 'all' }] };
    const { problems } = await find();
    expect(problems).toEqual([]);
    expect(house.retired()).toEqual(new Set([room, leveled]));
    expect(house.unread()).toEqual(new Set());
  });

  it('is not if it was not replaced, or by a room that is not of the map', async () => {
    const { find, entitle, make, replace, house, room } = await finderDesk();
    make('#ops:x');
    await entitle(ANN);
    await find({ eng: '#ops:x' });
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set()]);
    replace(room, make());
    await find();
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set()]);
  });

  it('is not known to be retired if that can’t be read', async () => {
    const { find, entitle, make, house, room, homeserver } = await finderDesk();
    make('#ops:x');
    await entitle(ANN);
    const { problems } = await find(
      { eng: '#ops:x' },
      { replacement: failingFor(homeserver.replacement, room) },
    );
    expect(problems).toEqual([notRead(room)]);
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set([room])]);
  });

  it('is none of those that the map has', async () => {
    const { find, entitle, house, know, room } = await finderDesk();
    await entitle(ANN);
    await find({ eng: ALIAS });
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set()]);
    await know({ [room]: room });
    const { problems } = await find({ eng: room }, { replacement: failed });
    expect(problems).toEqual([notRead(room)]);
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set()]);
  });
});
