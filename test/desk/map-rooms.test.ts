import { expect, it } from 'vitest';
import { mapRoomsOf, termsOf } from '../../src/desk/map-rooms.ts';
import type { GroupNames } from '../../src/directory/group.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';

const [SPACE, ENG, OPS] = ['!space:x' as RoomId, '!eng:x' as RoomId, '!ops:x' as RoomId];
const ENGINEERING = { id: 'g1', externalId: 'ext', displayName: 'Engineering' } as GroupNames;

const roomsOf = (map: object) =>
  mapRoomsOf(parseGroupMap(JSON.stringify(map)), {
    groups: [ENGINEERING],
    resolved: new Map([
      ['#space:x', SPACE],
      ['#eng:x', ENG],
      ['#ops:x', OPS],
    ]),
    children: new Map([[SPACE, [ENG, OPS]]]),
  });

it('takes an alias and an id of one room for one room', () => {
  const rooms = roomsOf({ ext: '#eng:x', 'name: ENGINEERING ': ENG, '*': '#unknown:x' });
  expect(rooms.map(({ target, roomId, doors }) => [target, roomId, doors.map(({ key }) => key)])).toEqual([
    ['#eng:x', ENG, ['ext', 'name:ENGINEERING']],
    ['#unknown:x', undefined, ['*']],
  ]);
  expect(rooms[0]?.doors.map(({ groups }) => groups)).toEqual([['g1'], ['g1']]);
});

it('lets the rooms of a space come along', () => {
  const rooms = roomsOf({ ext: { room: '#space:x', children: 'all', powerLevel: 50 } });
  expect(rooms.map(({ target, doors }) => [target, doors[0]?.space, doors[0]?.powerLevel])).toEqual([
    ['#space:x', undefined, 50],
    [ENG, '#space:x', undefined],
    [OPS, '#space:x', undefined],
  ]);
  const some = roomsOf({ ext: { room: '#space:x', children: ['#ops:x'] } });
  expect(some.map(({ target, roomId }) => [target, roomId])).toEqual([
    ['#space:x', SPACE],
    ['#ops:x', OPS],
  ]);
});

it('puts the terms of several doors together', () => {
  const door = {
    key: 'a',
    groups: [],
    mode: 'granted',
    leave: 'allowed',
    powerLevel: 10,
    space: undefined,
  } as const;
  const other = { ...door, mode: 'additive', leave: 'undone', powerLevel: 50 } as const;
  expect(termsOf([door, other])).toEqual({ mode: 'additive', leave: 'undone', powerLevel: 50 });
  expect(termsOf([])).toEqual({ mode: 'granted', leave: 'allowed', powerLevel: undefined });
});
