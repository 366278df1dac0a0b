import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import type { Store } from '../../src/store/store.ts';
import { ALIAS, ANN, at, BOT, PROVIDER, roomStage } from '../support/room-stage.ts';

const NOTHING = {
  ...{ strays: [], unreachable: new Set(), absent: new Set(), staying: new Set(), needsPower: false },
  ...{ levels: { raised: new Map(), lowered: new Map(), records: new Map(), beyond: new Map() } },
  problems: [],
};

/** The room is `exclusive`, and Ann has it by her group. */
async function exclusive(rest: object = {}) {
  const stage = await roomStage();
  await stage.group('eng', await stage.linked(ANN));
  stage.member('ann');
  stage.learn({ eng: { room: ALIAS, mode: 'exclusive', ...rest } });
  return stage;
}

describe('in an exclusive room', () => {
  it('those are strays whom no group lets in, and nothing else is to be done', async () => {
    const { planner, room, member } = await exclusive();
    expect(await planner()(room)).toEqual(NOTHING);
    member('eve');
    expect(await planner()(room)).toEqual({ ...NOTHING, strays: [at('eve')] });
  });

  it('who has a record is none: she is looked at as a person', async () => {
    const { planner, room, member, entitle } = await exclusive();
    await entitle(member('left'), 'left');
    expect(await planner()(room)).toEqual(NOTHING);
  });

  it('the bot is none, nor who is protected, nor whose homeserver is another, nor who has no account', async () => {
    const { planner, room, enter, world } = await exclusive();
    world.admitRemote('@eve:remote' as UserId, room);
    for (const account of [BOT, at('nobody')]) enter(account);
    enter(world.register('root', { admin: true }));
    expect(await planner()(room)).toEqual(NOTHING);
  });

  it('of a mapping that is granted nobody is a stray', async () => {
    const { planner, room, member, learn } = await exclusive();
    member('eve');
    learn({ eng: { room: ALIAS, mode: 'granted' } });
    expect(await planner()(room)).toEqual(NOTHING);
  });

  it('and in no other it takes a read of who is let in', async () => {
    const { planner, room, learn } = await exclusive();
    const survey = {} as Store['survey'];
    await expect(planner({}, { survey })(room)).rejects.toThrow();
    learn({ eng: ALIAS });
    expect(await planner({}, { survey })(room)).toEqual(NOTHING);
  });

  it('that the homeserver does not know, nobody is a stray', async () => {
    const { planner, learn } = await exclusive();
    learn(
      { eng: { room: '!lost', mode: 'exclusive' } },
      { resolved: new Map([['!lost', '!lost' as RoomId]]) },
    );
    expect(await planner()('!lost' as RoomId)).toEqual(NOTHING);
  });

  it('the look at strangers ends when it is aborted', async () => {
    const { planner, room, member } = await exclusive();
    member('eve');
    await expect(planner()(room, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(await planner()(room, new AbortController().signal)).toMatchObject({ strays: [at('eve')] });
  });
});

describe('somebody who is to have the room and has no account yet', () => {
  it.each([
    ['the name that she would get', 'new', [], []],
    ['her external id', 'other', [[PROVIDER, 'e-new']], []],
    [
      'her external id beside another',
      'other',
      [
        ['saml', 'x'],
        [PROVIDER, 'e-new'],
      ],
      [],
    ],
    ['her external id at another provider', 'other', [['saml', 'e-new']], ['other']],
    ['somebody else’s external id', 'other', [[PROVIDER, 'e-else']], ['other']],
    ['nothing of hers', 'other', [], ['other']],
  ])('may be the member who has %s', async (_, name, ids, strays) => {
    const { planner, room, member, group, user, learn, world } = await exclusive();
    const { id } = await user('new', { externalId: 'e-new' });
    await group('late', id, (await user('later')).id);
    learn({ eng: { room: ALIAS, mode: 'exclusive' }, late: { room: ALIAS, mode: 'exclusive' } });
    const account = member(name);
    world.putAccount(account, {
      externalIds: ids.map(([provider = '', external = '']) => ({ provider, id: external })),
    });
    expect((await planner()(room)).strays).toEqual(strays.map(at));
  });

  it('is nobody’s excuse once she is deleted', async () => {
    const { planner, room, member, group, user, learn, store } = await exclusive();
    await group('late', (await user('new')).id);
    learn({ eng: { room: ALIAS, mode: 'exclusive' }, late: { room: ALIAS, mode: 'exclusive' } });
    member('new');
    expect((await planner()(room)).strays).toEqual([]);
    const people = { ...store.people, person: async () => undefined };
    expect((await planner({}, { people })(room)).strays).toEqual([at('new')]);
  });
});

describe('a stray who is as strong as anybody the bot could be', () => {
  it('can be removed by nobody, and that is told', async () => {
    const { planner, room, member, setLevels } = await exclusive();
    for (const name of ['eve', 'mallory', 'weak']) member(name);
    setLevels({ '@owner:x': 100, '@eve:x': 100, '@mallory:x': 100, '@weak:x': 99 });
    expect(await planner()(room)).toEqual({
      ...NOTHING,
      strays: [at('weak')],
      unreachable: new Set([at('eve'), at('mallory')]),
      problems: [
        {
          target: room,
          message:
            "#room:x is exclusive, and no group lets these in, but their power is not below the bot's, so they can't be removed: @eve:x, @mallory:x. Lower it in the room, or name them in PROTECTED_USERS.",
        },
      ],
    });
  });

  it('is not looked for where nobody is a stray: that takes a read of the whole room', async () => {
    const { planner, room } = await exclusive();
    const unreadable = { room: () => Promise.reject(new Error('a large room')) };
    expect(await planner(unreadable)(room)).toEqual(NOTHING);
  });

  it('is not known of a room that is gone by then', async () => {
    const { planner, room, member } = await exclusive();
    member('eve');
    expect(await planner({ room: async () => undefined })(room)).toEqual({
      ...NOTHING,
      strays: [at('eve')],
    });
  });
});

describe('while it is not known', () => {
  const unknown = (why: string) =>
    `#room:x is exclusive, but ${why}: so nobody is removed from it who was not let in by a group.`;

  it('what a group of the map is, nobody is a stray, and that is told', async () => {
    const { planner, room, member, learn } = await exclusive();
    member('eve');
    learn({ eng: { room: ALIAS, mode: 'exclusive' }, misspelt: { room: ALIAS, mode: 'exclusive' } });
    expect(await planner()(room)).toEqual({
      ...{ ...NOTHING, strays: undefined },
      problems: [{ target: room, message: unknown('a group that opens it was never pushed') }],
    });
  });

  it('what some room of the map is, nobody is a stray, and that is told', async () => {
    const { planner, room, member, learn, group } = await exclusive();
    await group('ops');
    member('eve');
    learn({ eng: { room: ALIAS, mode: 'exclusive' }, ops: '#lost:x' });
    expect(await planner()(room)).toEqual({
      ...{ ...NOTHING, strays: undefined },
      problems: [{ target: room, message: unknown('some room of the map is not known') }],
    });
  });

  it('what some room of the map is, one that is not in the map may be it', async () => {
    const { planner, room, learn, group } = await exclusive();
    await group('ops');
    learn({ ops: '#lost:x' });
    expect(await planner()(room)).toEqual({ ...NOTHING, strays: undefined });
    learn({});
    expect(await planner()(room)).toEqual(NOTHING);
  });

  it('what some room of the map is, one that is granted has no strays all the same', async () => {
    const { planner, room, learn, group } = await exclusive();
    await group('ops');
    learn({ eng: ALIAS, ops: '#lost:x', misspelt: ALIAS });
    expect(await planner()(room)).toEqual(NOTHING);
  });

  it('whether a room was upgraded, nothing is known of it', async () => {
    const { planner, room, learn } = await exclusive();
    learn({ eng: { room: ALIAS, mode: 'exclusive' } }, { unread: new Set([room]) });
    expect(await planner()(room)).toEqual({ ...NOTHING, strays: undefined, levels: undefined });
  });
});

it('in a room that was replaced nothing is to be done any more', async () => {
  const { planner, room, member, learn } = await exclusive({ powerLevel: 50 });
  member('eve');
  learn({ eng: { room: ALIAS, mode: 'exclusive', powerLevel: 50 } }, { retired: new Set([room]) });
  expect(await planner()(room)).toEqual(NOTHING);
});
