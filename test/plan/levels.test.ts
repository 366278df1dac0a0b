import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import { planLevels } from '../../src/plan/levels.ts';

const [ANN, BOT] = ['@ann:x', '@usher:x'] as [UserId, UserId];

type Case = {
  /** Own levels in the room, beside the bot's. */
  readonly found?: number;
  readonly wanted?: number;
  readonly given?: readonly number[];
  readonly isStaying?: boolean;
  readonly usersDefault?: number;
  readonly bot?: number;
  readonly creators?: readonly UserId[];
};

/** What is planned for Ann, without what is not. */
function planFor({
  found,
  wanted,
  given,
  isStaying = false,
  usersDefault = 0,
  bot = 100,
  creators = [],
}: Case) {
  const users = new Map([[BOT, bot]]);
  if (found !== undefined) users.set(ANN, found);
  const plan = planLevels({
    power: {
      roomId: '!a' as RoomId,
      version: '11',
      creators: new Set(creators),
      powerLevels: { users, usersDefault, invite: 0, kick: 50, change: 100 },
    },
    bot: BOT,
    wanted: new Map(wanted === undefined ? [] : [[ANN, wanted]]),
    given: new Map(given === undefined ? [] : [[ANN, given]]),
    staying: new Set(isStaying ? [ANN] : []),
  });
  return Object.fromEntries(
    Object.entries(plan).flatMap(([what, { size }]) => {
      const own = plan[what as keyof typeof plan].get(ANN);
      return size === 0 ? [] : [[what, own]];
    }),
  );
}

describe('the level of a member whom a group gives one', () => {
  it.each<[string, Case, object]>([
    ['is raised to it', { wanted: 50 }, { raised: 50 }],
    ['is raised from what everybody has', { wanted: 50, usersDefault: 10 }, { raised: 50 }],
    ['is raised from one that somebody else gave', { found: 20, wanted: 50 }, { raised: 50 }],
    ['is raised to just below the bot', { wanted: 99 }, { raised: 99 }],
    [
      'is lowered when it is ours and the map says less',
      { found: 75, wanted: 50, given: [75] },
      { lowered: 50 },
    ],
    [
      'is lowered when it is not known which of two is there',
      { found: 75, wanted: 50, given: [50, 75] },
      { lowered: 50 },
    ],
    ['is hers to keep when somebody else gave more', { found: 75, wanted: 50 }, {}],
    ['is left alone when it is there by us', { found: 50, wanted: 50, given: [50] }, {}],
    ['is written down when it is there already', { found: 50, wanted: 50 }, { records: [50] }],
    [
      'is written down as the only one when that was in doubt',
      { found: 50, wanted: 50, given: [50, 75] },
      { records: [50] },
    ],
    [
      'is written down anew when another was given',
      { found: 50, wanted: 50, given: [75] },
      { records: [50] },
    ],
    ['is written down when everybody has it', { wanted: 10, usersDefault: 10 }, { records: [10] }],
    [
      'can be the highest where the bot created the room',
      { wanted: 100, bot: 0, creators: [BOT] },
      { raised: 100 },
    ],
  ])('%s', (_title, input, expected) => {
    expect(planFor(input)).toStrictEqual(expected);
  });

  it.each<[string, Case, RegExp]>([
    ['what the bot itself has', { wanted: 100 }, /level 100.*bot, with 100/],
    ['more than the bot has', { wanted: 60, bot: 50 }, /level 60.*bot, with 50/],
    [
      'what the bot could not take back from one as high',
      { found: 100, wanted: 50, given: [100] },
      /level 100/,
    ],
    ['what a creator can not have', { wanted: 50, creators: [ANN] }, /created the room/],
  ])('can not be %s, and it is said why', (_title, input, reason) => {
    expect(planFor(input)).toStrictEqual({ beyond: expect.stringMatching(reason) });
  });
});

describe('the level of a member whom no group gives one any more', () => {
  it.each<[string, Case, object]>([
    ['is taken when it is ours', { found: 50, given: [50] }, { lowered: undefined }],
    ['is taken when it is the second of two', { found: 75, given: [50, 75] }, { lowered: undefined }],
    ['stays while she does', { found: 50, given: [50], isStaying: true }, {}],
    ['is forgotten when somebody changed it', { found: 60, given: [50] }, { records: [] }],
    ['is forgotten when somebody took it', { given: [50] }, { records: [] }],
    ['is forgotten when everybody has it by now', { given: [50], usersDefault: 50 }, { records: [] }],
    ['is forgotten when she is a creator', { found: 50, given: [50], creators: [ANN] }, { records: [] }],
    ['is left alone when somebody else gave it', { found: 50 }, {}],
  ])('%s', (_title, input, expected) => {
    expect(planFor(input)).toStrictEqual(expected);
  });

  it.each<[string, Case, RegExp]>([
    ['she stands as high as the bot', { found: 50, given: [50], bot: 50 }, /level 50, as high as the bot/],
    [
      'everybody has what the bot has',
      { found: 40, given: [40], bot: 50, usersDefault: 50 },
      /level 50.*bot, with 50/,
    ],
  ])('can not be taken when %s, and it is said why', (_title, input, reason) => {
    expect(planFor(input)).toStrictEqual({ beyond: expect.stringMatching(reason) });
  });
});
