import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { openersOf, openingsOf, openTo } from '../../src/plan/openings.ts';

const A = '!a:example.com' as RoomId;
const B = '!b:example.com' as RoomId;
const [eng, ops] = ['g-eng', 'g-ops'] as [ResourceId, ResourceId];
const groups = [
  { id: eng, externalId: 'ext-eng', displayName: 'Engineering' },
  { id: ops, externalId: undefined, displayName: 'Ops' },
];

const usual = { mode: 'granted', leave: 'allowed', powerLevel: undefined };

function openings(
  map: unknown,
  resolved: readonly (readonly [string, RoomId])[] = [
    [A, A],
    [B, B],
    ['#a:example.com', A],
  ],
) {
  return openingsOf(parseGroupMap(JSON.stringify(map)), groups, {
    resolved: new Map(resolved),
    children: new Map(),
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
