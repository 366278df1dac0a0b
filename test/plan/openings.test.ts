import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import {
  createTargetsOf,
  type FoundRooms,
  openersOf,
  openingsOf,
  openTo,
  uncertainFor,
  unmatchedRules,
} from '../../src/plan/openings.ts';

const A = '!a:example.com' as RoomId;
const B = '!b:example.com' as RoomId;
const C = '!c:example.com' as RoomId;
const [eng, ops] = ['g-eng', 'g-ops'] as [ResourceId, ResourceId];
const groups = [
  { id: eng, externalId: 'ext-eng', displayName: 'Engineering' },
  { id: ops, externalId: undefined, displayName: 'Ops' },
];

const usual = { mode: 'granted', leave: 'allowed', powerLevel: undefined };

function openings(map: unknown, found: Partial<FoundRooms> = {}) {
  return openingsOf(parseGroupMap(JSON.stringify(map)), groups, {
    resolved: new Map([
      [A, A],
      [B, B],
      [C, C],
      ['#a:example.com', A],
    ]),
    children: new Map(),
    ...found,
  });
}

describe('openings', () => {
  it('names a group by its external id, or by its display name in any case', () => {
    const open = openings({ 'ext-eng': A, 'name:OPS': B });
    expect([...openTo(open, new Set([eng])).keys()]).toEqual([A]);
    expect([...openTo(open, new Set([ops])).keys()]).toEqual([B]);
  });

  it('opens one room once through several groups, and says through which', () => {
    const open = openTo(openings({ 'ext-eng': '#a:example.com', 'name:Ops': A }), new Set([ops, eng]));
    expect([...open]).toEqual([[A, { via: [eng, ops], ...usual }]]);
  });

  it('has words for the room that the map names, and not for those that come along', () => {
    const words = { added: 'Welcome', removed: 'Farewell' };
    const { rooms } = openings(
      { 'ext-eng': { room: A, children: 'all', words }, 'name:Ops': A },
      { children: new Map([[A, [B]]]) },
    );
    expect([rooms.get(A)?.words, rooms.get(B)?.words]).toEqual([words, undefined]);
  });

  it('has the first words of the map for a room with two names', () => {
    const map = {
      'ext-eng': ['#a:example.com', B],
      'name:Ops': { room: A, words: { added: 'Hello' } },
      '*': { room: '#a:example.com', words: { added: 'Hi' } },
    };
    expect(openings(map).rooms.get(A)?.words?.added).toBe('Hello');
  });

  it('opens the rooms of "*" to everybody', () => {
    const open = openings({ '*': A });
    expect([...openTo(open, new Set())]).toEqual([[A, { via: ['*'], ...usual }]]);
    expect(openersOf(open, A)).toMatchObject({ groups: [], everybody: true });
    expect(openersOf(open, A).openingFor([])).toEqual({ via: ['*'], ...usual });
  });

  it('lets one additive mapping keep all in the room, whatever name the room goes by', () => {
    const map = { 'ext-eng': { room: '#a:example.com', mode: 'additive' }, 'name:Ops': A };
    expect(openTo(openings(map), new Set([eng, ops])).get(A)?.mode).toBe('additive');
  });

  it('opens nothing for a group that was never pushed and a room that is not known', () => {
    const open = openings({ 'ext-unknown': A, 'ext-eng': '#gone:example.com' });
    expect(openTo(open, new Set([eng])).size).toBe(0);
    expect([...open.rooms.keys()]).toEqual([A]);
  });
});

describe('server admins', () => {
  it('are made by the groups of which the map says so, and were pushed', () => {
    const map = { 'ext-eng': [A, { admin: true }], 'name:Ops': { admin: false }, nobody: { admin: true } };
    expect(openings(map).admins).toEqual(new Set([eng]));
    expect(openings({ 'name:OPS': { admin: true }, 'ext-eng': A }).admins).toEqual(new Set([ops]));
  });
});

describe('the terms of a room that several open', () => {
  const both = new Set([eng, ops]);
  const termsOf = (map: unknown) => openTo(openings(map), both).get(A);

  it.each([
    ['granted', 'granted', 'granted'],
    ['exclusive', 'exclusive', 'exclusive'],
    ['exclusive', 'granted', 'granted'],
    ['granted', 'additive', 'additive'],
    ['exclusive', 'additive', 'additive'],
  ])('are the gentler of the modes %s and %s', (first, second, mode) => {
    const [one, two] = [
      { room: A, mode: first },
      { room: '#a:example.com', mode: second },
    ];
    expect(termsOf({ 'ext-eng': one, 'name:Ops': two })?.mode).toBe(mode);
    expect(termsOf({ 'ext-eng': two, 'name:Ops': one })?.mode).toBe(mode);
    expect(openings({ 'ext-eng': one, 'name:Ops': two }).rooms.get(A)?.mode).toBe(mode);
    expect(openings({ 'ext-eng': two, 'name:Ops': one }).rooms.get(A)?.mode).toBe(mode);
  });

  it('are the stricter word about leaving', () => {
    const undone = { room: A, leave: 'undone' };
    expect(termsOf({ 'ext-eng': undone, 'name:Ops': A })?.leave).toBe('undone');
    expect(termsOf({ 'ext-eng': A, 'name:Ops': undone })?.leave).toBe('undone');
    expect(termsOf({ 'ext-eng': A, 'name:Ops': A })?.leave).toBe('allowed');
  });

  it.each([
    [undefined, undefined, undefined],
    [undefined, 10, 10],
    [10, undefined, 10],
    [0, 10, 10],
    [10, 0, 10],
  ])('are the higher of the power levels %s and %s', (first, second, powerLevel) => {
    const map = { 'ext-eng': { room: A, powerLevel: first }, 'name:Ops': { room: A, powerLevel: second } };
    expect(termsOf(map)?.powerLevel).toBe(powerLevel);
    expect(openings(map).rooms.get(A)?.hasLevels).toBe(powerLevel !== undefined);
  });

  it('name everybody and the groups, each once', () => {
    const map = { 'ext-eng': [A, '#a:example.com'], '*': [A, '#a:example.com'], 'name:Ops': B };
    expect(openTo(openings(map), both).get(A)?.via).toEqual(['*', eng]);
    expect(openTo(openings(map), both).get(B)?.via).toEqual([ops]);
  });

  it('have the limit that is named first', () => {
    const limited = (limit: object) => ({ room: '#a:example.com', limit });
    const map = { 'name:Ops': A, 'ext-eng': limited({ count: 3 }) };
    expect(openings(map).rooms.get(A)?.limit).toEqual({ count: 3 });
    const two = { 'ext-eng': limited({ count: 3 }), 'name:Ops': { room: A, limit: { count: 4 } } };
    expect(openings(two).rooms.get(A)?.limit).toEqual({ count: 3 });
    expect(openings({ 'ext-eng': A }).rooms.get(A)?.limit).toBeUndefined();
  });

  it('say whether some group that opens it was never pushed', () => {
    const isAwaited = (map: unknown) => openings(map).rooms.get(A)?.isAwaited;
    expect(isAwaited({ 'ext-eng': A })).toBe(false);
    expect(isAwaited({ '*': A })).toBe(false);
    expect(isAwaited({ 'ext-eng': A, 'ext-new': A })).toBe(true);
    expect(isAwaited({ 'ext-new': A, 'ext-eng': A })).toBe(true);
  });

  it('are found for any of the groups of a person', () => {
    const open = openings({ 'ext-eng': A, 'name:Ops': { room: A, powerLevel: 50 }, '*': B });
    const openers = openersOf(open, A);
    expect(openers).toMatchObject({ groups: [eng, ops], everybody: false });
    expect(openers.openingFor([])).toBeUndefined();
    expect(openers.openingFor(['g-other' as ResourceId])).toBeUndefined();
    expect(openers.openingFor([eng])).toEqual({ ...usual, via: [eng] });
    expect(openers.openingFor([ops, eng])).toEqual({ ...usual, via: [eng, ops], powerLevel: 50 });
    expect(openersOf(open, C)).toMatchObject({ groups: [], everybody: false });
  });
});

describe('a space', () => {
  const inside = { children: new Map([[A, [B, A, C]]]) };
  const open = (children: unknown, found: Partial<FoundRooms> = inside) =>
    openings({ 'ext-eng': { room: A, children } }, found);
  const roomsOf = (...args: Parameters<typeof open>) => [...openTo(open(...args), new Set([eng])).keys()];

  it('lets its rooms come along, and none that is not in it', () => {
    expect(roomsOf('all')).toEqual([A, B, C]);
    expect(roomsOf([C])).toEqual([A, C]);
    expect(roomsOf([C], { children: new Map([[A, [B]]]) })).toEqual([A]);
    expect([...openTo(openings({ 'ext-eng': A }, inside), new Set([eng])).keys()]).toEqual([A]);
  });

  it('is not known as a whole while its rooms, or the names of them, are not', () => {
    const isUncertain = (...args: Parameters<typeof open>) => open(...args).uncertain.has(eng);
    expect(isUncertain('all')).toBe(false);
    expect(isUncertain('all', { children: new Map([[A, [B]]]) })).toBe(false);
    expect(isUncertain([B])).toBe(false);
    expect(isUncertain('all', {})).toBe(true);
    expect(isUncertain([B], {})).toBe(true);
    expect(isUncertain([B, '#gone:example.com'])).toBe(true);
    expect(roomsOf([B, '#gone:example.com'])).toEqual([A, B]);
    expect(roomsOf('all', {})).toEqual([A]);
  });
});

describe('a room that is not known', () => {
  const gone = '#gone:example.com';

  it('makes it uncertain what its group, or everybody, has', () => {
    const open = openings({ 'ext-eng': gone, 'name:Ops': A });
    expect([...open.uncertain]).toEqual([eng]);
    expect([...openings({ 'ext-eng': [A, gone] }).uncertain]).toEqual([eng]);
    expect([...uncertainFor(open, new Set([eng]))]).toEqual([eng]);
    expect([...uncertainFor(open, new Set([ops]))]).toEqual([]);
    const everybodys = openings({ '*': gone, 'ext-eng': A });
    expect([...everybodys.uncertain]).toEqual(['*']);
    expect([...uncertainFor(everybodys, new Set())]).toEqual(['*']);
  });

  it('makes nothing uncertain if it is to be made, or if all is known', () => {
    expect([...openings({ 'ext-eng': gone }, { toMake: new Set([gone]) }).uncertain]).toEqual([]);
    expect([...openings({ 'ext-eng': gone }, { toMake: new Set(['#b']) }).uncertain]).toEqual([eng]);
    expect([...openings({ 'ext-eng': A, '*': B }).uncertain]).toEqual([]);
  });
});

describe('a rule about a group that nobody pushed', () => {
  const unmatched = (map: unknown) => unmatchedRules(parseGroupMap(JSON.stringify(map)), groups);

  it.each([
    ['ext-new', 'The group map has "ext-new", and nobody pushed such a group yet.'],
    ['name:Sales', 'The group map has "name:Sales", and nobody pushed such a group yet.'],
    [
      'name:engeneering',
      'The group map has "name:engeneering", and nobody pushed such a group yet. Did you mean "name:Engineering"?',
    ],
    ['opps', 'The group map has "opps", and nobody pushed such a group yet. Did you mean "name:Ops"?'],
  ])('is told: %s', (key, message) => {
    expect(unmatched({ [key]: A, 'ext-eng': A, 'name:ops': A, '*': A })).toEqual([message]);
  });

  it('is told while nobody pushed any', () => {
    expect(unmatchedRules(parseGroupMap('{"g": []}'), [])).toHaveLength(1);
  });
});

describe('what the map gives a group', () => {
  it('is what it gives any of its names, each room once', () => {
    const map = {
      'ext-eng': [A, { room: B, mode: 'exclusive' }],
      'name:engineering': [{ room: B, mode: 'exclusive' }, C],
      'name:Ops': A,
      '*': '#all:example.com',
    };
    const targetsOf = createTargetsOf(parseGroupMap(JSON.stringify(map)));
    const shown = (group: Parameters<typeof targetsOf>[0]) =>
      targetsOf(group).map(({ room, mode }) => `${room} ${mode}`);
    expect(groups.map(shown)).toEqual([[`${A} granted`, `${B} exclusive`, `${C} granted`], [`${A} granted`]]);
    expect(shown({ id: eng, externalId: undefined, displayName: 'ext-eng' })).toEqual([]);
    expect(shown({ id: eng, externalId: 'Engineering', displayName: 'x' })).toEqual([]);
  });
});
