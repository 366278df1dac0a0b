import { describe, expect, it } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { RoomId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { createMapWatch, lossOf } from '../../src/reconcile/map-watch.ts';
import { DECIDED } from '../../src/store/guard-store.ts';
import { decideNow } from '../support/decide.ts';
import { ENG, guardDesk, NOW, OPS } from '../support/guard-desk.ts';

const [DEV, HR, SPACE] = ['!dev', '!hr', '!space'] as [RoomId, RoomId, RoomId];
const DECISION = `${DECIDED}map`;
const SOURCE = 'idp' as SourceId;

type Names = Readonly<Record<string, RoomId | undefined>>;
type Rooms = { readonly names?: Names; readonly inside?: Readonly<Record<RoomId, readonly RoomId[]>> };

const parsed = (map: object) => parseGroupMap(JSON.stringify(map));

/** What is found today: ids are rooms, unless it is said that they are not. */
function foundFor(map: object, { names = {}, inside = {} }: Rooms = {}) {
  const targets = parsed(map).rules.flatMap((rule) => rule.targets.map(({ room }) => room));
  const ids = targets.filter((room) => room.startsWith('!')).map((room) => [room, room as RoomId] as const);
  const resolved = new Map<string, RoomId>(ids);
  for (const [name, roomId] of Object.entries(names)) {
    if (roomId === undefined) resolved.delete(name);
    else resolved.set(name, roomId);
  }
  const children = new Map(Object.entries(inside) as [RoomId, readonly RoomId[]][]);
  return { resolved, children };
}

/** Groups that were pushed, somebody in a room by us, and a watch. */
async function watched({ isAnybodyIn = true } = {}) {
  const desk = await guardDesk();
  const { store, guard, fill, scopes } = desk;
  if (isAnybodyIn) await fill([ENG], 1);
  const group = (name: string) =>
    store.groups.create(
      SOURCE,
      { attributes: { displayName: `The ${name}`, externalId: name }, members: [] },
      NOW,
    );
  const [eng] = [await group('eng'), await group('ops')];
  const watch = createMapWatch({ store, guard });
  return {
    ...desk,
    eng: eng.id,
    rename: (id: ResourceId, displayName: string) =>
      store.groups.update(
        SOURCE,
        id,
        ({ attributes }) => ({ attributes: { ...attributes, displayName }, members: [] }),
        NOW,
      ),
    /** A map comes in force; what is held before it is, and after. */
    async comes(map: object, rooms?: Rooms) {
      const found = foundFor(map, rooms);
      const afterLearning = await watch(parsed(map), found);
      const before = await scopes();
      await afterLearning();
      // As a full pass does.
      await store.rooms.saveResolutions(found.resolved, NOW);
      for (const [space, inside] of found.children) await store.rooms.saveChildren(space, inside);
      return { before, after: await scopes() };
    },
    reasons: async () => (await store.guard.holds()).map(({ reason }) => reason),
    /** The map that was last in force without a question. */
    isAccepted: async (map: object) =>
      JSON.stringify(await store.facts.get('accepted-map')) === JSON.stringify(parsed(map).rules),
  };
}

const FREE = { before: [], after: [] };
const HELD = { before: ['map'], after: ['map'] };
const [WHOLE, HALF] = [{ eng: [ENG, OPS], ops: [OPS, DEV] }, { eng: [ENG, OPS] }];

describe('a map', () => {
  it('is accepted if it is the first', async () => {
    const { comes, isAccepted, store } = await watched();
    expect(await lossOf(store, parsed({}), foundFor({}))).toBeUndefined();
    expect(await comes({})).toEqual(FREE);
    expect(await isAccepted({})).toBe(true);
  });

  it('is held if it lost half of the rooms of groups, and not accepted', async () => {
    const { comes, isAccepted, reasons, state } = await watched();
    expect(await comes(WHOLE)).toEqual(FREE);
    expect(await comes(HALF)).toEqual(HELD);
    expect(await reasons()).toEqual(['the group map lost 2 of the 4 rooms that it gave to groups']);
    expect(await isAccepted(WHOLE)).toBe(true);
    expect(await comes({})).toEqual(HELD);
    expect(await reasons()).toEqual(['the group map lost 4 of the 4 rooms that it gave to groups']);
    expect(state.told).toEqual(['map']);
  });

  it('is accepted if it lost less, also several times', async () => {
    const { comes, isAccepted } = await watched();
    await comes(WHOLE);
    for (const map of [{ eng: [ENG, OPS], ops: OPS }, { eng: [ENG, OPS] }]) {
      expect(await comes(map)).toEqual(FREE);
      expect(await isAccepted(map)).toBe(true);
    }
    expect(await comes({ eng: ENG })).toEqual(HELD);
  });

  it('is accepted as long as nobody is in a room by it', async () => {
    const { comes, isAccepted } = await watched({ isAnybodyIn: false });
    await comes(WHOLE);
    expect(await comes({})).toEqual(FREE);
    expect(await isAccepted({})).toBe(true);
  });

  it('that has what was lost again is free once it is in force, and nothing else is', async () => {
    const { comes, isAccepted, close } = await watched();
    await comes(WHOLE);
    await close(`room:${ENG}`);
    await comes(HALF);
    const more = { ...WHOLE, '*': HR };
    expect(await comes(more)).toEqual({ before: ['map', `room:${ENG}`], after: [`room:${ENG}`] });
    expect(await isAccepted(more)).toBe(true);
  });

  it('that somebody decided about is accepted once, and not the next', async () => {
    const { comes, isAccepted, store, close, scopes } = await watched();
    await comes(WHOLE);
    await comes(HALF);
    await decideNow(store, 'map', 'approved');
    await close(`room:${ENG}`);
    expect(await scopes()).toEqual([`room:${ENG}`]);
    await comes(HALF);
    expect(await scopes()).toEqual([`room:${ENG}`]);
    expect(await isAccepted(HALF)).toBe(true);
    expect(await store.facts.get(DECISION)).toBeUndefined();
    await comes({});
    expect(await scopes()).toEqual(['map', `room:${ENG}`]);
    expect(await isAccepted(HALF)).toBe(true);
  });

  it('that is held is not freed by what was decided about another', async () => {
    const { comes, isAccepted, store } = await watched();
    await comes(WHOLE);
    await comes(HALF);
    await store.facts.set(DECISION, 'approved');
    expect(await comes({})).toEqual(HELD);
    expect(await isAccepted(WHOLE)).toBe(true);
    expect(await store.facts.get(DECISION)).toBe('approved');
    await comes(WHOLE);
    expect(await store.facts.get(DECISION)).toBeUndefined();
  });
});

describe('a room of the map is lost', () => {
  const SAME = '#same:x';
  const ALONG = { eng: { room: SPACE, children: 'all' } };
  const inside = { [SPACE]: [ENG, OPS] };
  const cases: readonly [string, object, Rooms, object, Rooms, string | undefined][] = [
    ['if everybody had it', { '*': [ENG, OPS] }, {}, { '*': ENG }, {}, '1 of the 2'],
    ['if only a group has it instead of everybody', { '*': ENG }, {}, { eng: ENG }, {}, '1 of the 1'],
    ['if another group has it', { eng: ENG }, {}, { ops: ENG }, {}, '1 of the 1'],
    ['not if it has another name', { eng: '#a:x' }, { names: { '#a:x': ENG } }, { eng: ENG }, {}, undefined],
    [
      'though it had two names, once',
      { eng: [ENG, SAME, OPS, DEV] },
      { names: { [SAME]: ENG } },
      { eng: [OPS, DEV] },
      {},
      undefined,
    ],
    ['if it came along with a space', ALONG, { inside }, { eng: SPACE }, { inside }, '2 of the 3'],
    ['with its space', ALONG, { inside }, { eng: HR }, {}, '3 of the 3'],
    ['not if it is still in the space', ALONG, { inside }, ALONG, {}, undefined],
    [
      'not by the map if it is not in the space any more',
      ALONG,
      { inside },
      ALONG,
      { inside: { [SPACE]: [] } },
      undefined,
    ],
    ['not if its group was never pushed', { hr: [ENG, OPS] }, {}, { eng: ENG }, {}, undefined],
    [
      'not while some room of the group is not known',
      { eng: [ENG, OPS] },
      {},
      { eng: ['!else'] },
      { names: { '!else': undefined } },
      undefined,
    ],
    [
      'though some room of another group is not known',
      { eng: [ENG, OPS] },
      {},
      { ops: ['!else'] },
      { names: { '!else': undefined } },
      '2 of the 2',
    ],
    [
      'not while it is not known itself',
      { eng: [ENG, OPS] },
      {},
      { eng: [ENG, OPS] },
      { names: { [OPS]: undefined, [ENG]: undefined } },
      undefined,
    ],
  ];
  it.each(cases)('%s', async (_, before, known, after, found, lost) => {
    const { comes, reasons } = await watched();
    await comes(before, known);
    await comes(after, found);
    expect(await reasons()).toEqual(
      lost === undefined ? [] : [`the group map lost ${lost} rooms that it gave to groups`],
    );
  });

  it('not if its group has another name by now', async () => {
    const { comes, rename, eng } = await watched();
    await comes({ 'name:The eng': [ENG, OPS] });
    await rename(eng, 'Engineers');
    expect(await comes({ 'name:Engineers': ENG })).toEqual(FREE);
    expect(await comes({})).toEqual(HELD);
  });
});
