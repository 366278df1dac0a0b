import type { RoomPower } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';

/** What a member of a room is found and wanted to have. */
export type LevelsView = {
  readonly power: RoomPower;
  readonly bot: UserId;
  /** By account: the highest level that a group of hers gives, for those who are in the room. */
  readonly wanted: ReadonlyMap<UserId, number>;
  /** What we gave: two values while it is not known whether the second took the place of the first. */
  readonly given: ReadonlyMap<UserId, readonly number[]>;
  /** Those whose entitlement ended and who are not removed yet, or not to be: they keep what they have. */
  readonly staying: ReadonlySet<UserId>;
};

export type LevelsPlan = {
  /** Levels to set; undefined takes a member's own level away. */
  readonly raised: ReadonlyMap<UserId, number>;
  readonly lowered: ReadonlyMap<UserId, number | undefined>;
  /** Records to write though nothing is changed in the room; none forgets one. */
  readonly records: ReadonlyMap<UserId, readonly number[]>;
  /** Levels that can't be given or taken, by account, each with the reason. */
  readonly beyond: ReadonlyMap<UserId, string>;
};

/**
 * The levels of a room. Only what we gave is ever lowered; a level that a person was given by somebody else and that
 * is higher than what the map says is hers to keep.
 */
export function planLevels({ power, bot, wanted, given, staying }: LevelsView): LevelsPlan {
  const raised = new Map<UserId, number>();
  const lowered = new Map<UserId, number | undefined>();
  const records = new Map<UserId, readonly number[]>();
  const beyond = new Map<UserId, string>();
  const { creators, powerLevels } = power;
  const ours = creators.has(bot) ? Number.POSITIVE_INFINITY : levelOf(power, bot);

  /** Nobody can change whoever stands as high, nor give more than she has (Matrix spec, authorization rules). */
  const obstacle = (account: UserId, level: number): string | undefined => {
    if (creators.has(account)) return 'created the room, and creators stand above all levels';
    if (levelOf(power, account) >= ours)
      return `has the level ${levelOf(power, account)}, as high as the bot`;
    return level >= ours
      ? `is to have the level ${level}, which the bot, with ${ours}, could not take back`
      : undefined;
  };

  for (const [account, level] of wanted) {
    const present = levelOf(power, account);
    const before = given.get(account);
    if (present === level) {
      if (before?.length !== 1 || before[0] !== level) records.set(account, [level]);
      continue;
    }
    // Somebody else gave her more than the map does: not ours.
    if (before === undefined && present > level) continue;
    const reason = obstacle(account, level);
    if (reason !== undefined) beyond.set(account, reason);
    else if (level > present) raised.set(account, level);
    else lowered.set(account, level);
  }

  for (const [account, levels] of given) {
    if (wanted.has(account) || staying.has(account)) continue;
    const present = powerLevels.users.get(account);
    // Somebody changed it since: it is not ours any more.
    if (present === undefined || !levels.includes(present) || creators.has(account)) {
      records.set(account, []);
      continue;
    }
    const reason = obstacle(account, powerLevels.usersDefault);
    if (reason !== undefined) beyond.set(account, reason);
    else lowered.set(account, undefined);
  }
  return { raised, lowered, records, beyond };
}

function levelOf({ powerLevels }: RoomPower, account: UserId): number {
  return powerLevels.users.get(account) ?? powerLevels.usersDefault;
}
