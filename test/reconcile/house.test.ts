import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { lastKnown } from '../../src/reconcile/house.ts';
import { directoryDesk, NOW } from '../support/survey-desk.ts';

const [ENG, OPS, SPACE] = ['!eng:x', '!ops:x', '!space:x'] as [RoomId, RoomId, RoomId];
const ALIAS = '#eng:x';
const MAP = parseGroupMap(JSON.stringify({ eng: [ALIAS] }));
const learnt = (roomId: RoomId = ENG) => ({
  ...{ map: MAP, resolved: new Map([[ALIAS, roomId]]), children: new Map() },
  ...{ retired: new Set<RoomId>(), unread: new Set<RoomId>() },
});

describe('a house', () => {
  it('opens what the map says, as soon as there are such groups', async () => {
    const desk = directoryDesk();
    const { house } = desk.house({ eng: [ENG], '*': [OPS] });
    const before = await house.openings();
    expect([...before.byGroup.keys()]).toEqual([]);
    expect(before.everybody).toMatchObject([{ roomId: OPS }]);
    const eng = await desk.group('eng');
    const after = await house.openings();
    expect(after.byGroup.get(eng)).toMatchObject([{ roomId: ENG }]);
    expect(await house.openings()).toBe(after);
  });

  it('opens other rooms once it has learnt that they are', async () => {
    const desk = directoryDesk();
    const { house } = desk.house({ eng: [ALIAS] });
    const eng = await desk.group('eng');
    expect([...(await house.openings()).rooms.keys()]).toEqual([]);
    house.learn(learnt(OPS));
    expect((await house.openings()).byGroup.get(eng)).toMatchObject([{ roomId: OPS }]);
    house.learn({ ...learnt(OPS), map: parseGroupMap('{}') });
    expect((await house.openings()).byGroup.get(eng)).toBeUndefined();
  });

  it('counts what it learns, if it is new', () => {
    const { house } = directoryDesk().house({ eng: [ALIAS] });
    const editions = [house.edition()];
    for (const news of [learnt(), learnt(), learnt(OPS), { ...learnt(OPS), unread: new Set([ENG]) }]) {
      house.learn(news);
      editions.push(house.edition());
    }
    expect(editions).toEqual([0, 1, 1, 2, 3]);
  });

  it('knows which rooms are retired, and which were not read, by what it learnt last', () => {
    const { house } = directoryDesk().house({});
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set()]);
    house.learn({ ...learnt(), retired: new Set([OPS]), unread: new Set([SPACE]) });
    expect([house.retired(), house.unread()]).toEqual([new Set([OPS]), new Set([SPACE])]);
    house.learn(learnt());
    expect([house.retired(), house.unread()]).toEqual([new Set(), new Set()]);
  });

  it('calls a room as the map does, and by its id if the map does not know it', () => {
    const { house } = directoryDesk().house(
      { eng: [ALIAS], ops: [OPS] },
      { resolved: new Map([[ALIAS, ENG]]) },
    );
    expect([ENG, OPS, SPACE].map(house.nameOf)).toEqual([ALIAS, OPS, SPACE]);
  });
});

it('what was last known of a map’s rooms is read from the store, with the rooms of spaces', async () => {
  const { store } = directoryDesk();
  expect(await lastKnown(store)).toEqual({ resolved: new Map(), children: new Map() });
  const resolved = new Map([
    [ALIAS, ENG],
    ['#space:x', SPACE],
  ]);
  await store.rooms.saveResolutions(resolved, NOW);
  await store.rooms.saveChildren(SPACE, [ENG, OPS]);
  await store.rooms.saveChildren(OPS, [ENG]);
  expect(await lastKnown(store)).toEqual({ resolved, children: new Map([[SPACE, [ENG, OPS]]]) });
});
