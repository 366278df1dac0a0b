import { describe, expect, it } from 'vitest';
import type { RoomId } from '../../src/matrix/ids.ts';
import type { RoomTarget } from '../../src/plan/group-map.ts';
import type { RoomBuilder } from '../../src/reconcile/room-builder.ts';
import { foundAs, MAP, passDesk, problem } from '../support/pass-desk.ts';
import { NOW } from '../support/survey-desk.ts';

const [ENG, OPS, SPACE] = ['!eng', '!ops', '!space'] as [RoomId, RoomId, RoomId];
const ALIAS = '#eng:x';
const warning = (message: string) => ({ line: 1, column: 1, message, found: '', meaning: '', remedy: '' });
const broken = async (): Promise<never> => {
  throw new Error('not written');
};

describe('what a pass finds the rooms of the map to be', () => {
  it('is remembered, the newest of it', async () => {
    const { run, state, store } = await passDesk();
    await store.rooms.saveResolutions(new Map([[ALIAS, OPS]]), NOW);
    await store.rooms.saveResolutions(new Map([['#old:x', OPS]]), NOW);
    await store.rooms.saveChildren(SPACE, [OPS]);
    state.found = [foundAs({ resolved: new Map([[ALIAS, ENG]]), children: new Map([[SPACE, [ENG, OPS]]]) })];
    await run();
    expect(await store.rooms.resolutions()).toEqual(
      new Map([
        [ALIAS, ENG],
        ['#old:x', OPS],
      ]),
    );
    expect(await store.rooms.children(SPACE)).toEqual([ENG, OPS]);
  });

  it('is not remembered without the rooms of its spaces', async () => {
    const { run, state, store } = await passDesk({ faultyRooms: { saveChildren: broken } });
    state.found = [foundAs({ resolved: new Map([[ALIAS, SPACE]]), children: new Map([[SPACE, [ENG]]]) })];
    await expect(run()).rejects.toThrow('not written');
    expect(await store.rooms.resolutions()).toEqual(new Map());
  });

  it('is not written again when it is known', async () => {
    const written: ReadonlyMap<string, RoomId>[] = [];
    const saveResolutions = async (news: ReadonlyMap<string, RoomId>) => void written.push(news);
    const { run, state, store } = await passDesk({ faultyRooms: { saveChildren: broken, saveResolutions } });
    await store.rooms.saveResolutions(new Map([[ALIAS, SPACE]]), NOW);
    await store.rooms.saveChildren(SPACE, [ENG]);
    const resolved = new Map([
      [ALIAS, SPACE],
      ['#new:x', ENG],
    ]);
    state.found = [foundAs({ resolved, children: new Map([[SPACE, [ENG]]]) })];
    await run();
    expect(written).toEqual([new Map([['#new:x', ENG]])]);
  });
});

describe('rooms that are to be made', () => {
  const missing = [{ room: ALIAS } as RoomTarget];

  /** A builder that makes whatever is missing. */
  const builder: RoomBuilder = async (map, { missing: wanted }) => ({
    made: map === MAP ? wanted.map(() => ENG) : [],
    problems: [problem(`${wanted.length} missing`)],
  });

  it('are looked for again once they were made, and what is wrong then is told', async () => {
    const { run, state, store } = await passDesk({ buildRooms: builder });
    state.found = [
      foundAs({
        ...{ missing, problems: [problem('before')], warnings: [warning('before')] },
        resolved: new Map([['#ops:x', OPS]]),
      }),
      foundAs({
        ...{ problems: [problem('after')], warnings: [warning('after')] },
        resolved: new Map([[ALIAS, ENG]]),
      }),
    ];
    const { problems, warnings } = await run();
    expect(problems).toEqual([problem('after'), problem('0 missing')]);
    expect(warnings).toEqual([warning('after')]);
    expect(await store.rooms.resolutions()).toEqual(
      new Map([
        [ALIAS, ENG],
        ['#ops:x', OPS],
      ]),
    );
  });

  it('are not looked for again when none was made', async () => {
    const { run, state } = await passDesk({ buildRooms: builder });
    state.found = [
      foundAs({ problems: [problem('first')], warnings: [warning('first')] }),
      foundAs({ problems: [problem('second')] }),
    ];
    const { problems, warnings } = await run();
    expect(problems).toEqual([problem('first'), problem('0 missing')]);
    expect(warnings).toEqual([warning('first')]);
  });

  it('are not made in a dry run', async () => {
    const { run, state } = await passDesk();
    state.found = [foundAs({ missing, problems: [problem('first')] }), foundAs()];
    expect((await run()).problems).toEqual([problem('first')]);
  });
});
