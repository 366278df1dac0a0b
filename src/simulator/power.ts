import { parseUserId, type UserId } from '../matrix/ids.ts';
import { badRequest, forbidden, Refusal } from './refusal.ts';
import { creatorsOf, levelsOf, type PowerLevelsContent, powerOf, type SimulatedRoom, table } from './room.ts';

const LEVELS = ['ban', 'events_default', 'invite', 'kick', 'redact', 'state_default', 'users_default'];
const TABLES = ['events', 'notifications', 'users'];

/** Refuses new power levels as Synapse does (Matrix spec, "Authorization rules", `m.room.power_levels`). */
export function mustBeAllowed(actor: UserId, room: SimulatedRoom, content: PowerLevelsContent): void {
  for (const key of LEVELS) if (content[key] !== undefined) mustBeLevel(content[key]);
  for (const key of TABLES) Object.values(tableIn(content, key)).forEach(mustBeLevel);
  for (const id of Object.keys(table(content, 'users'))) {
    const user = parseUserId(id);
    if (user === undefined) throw badRequest(`Not a valid user_id: ${id}`);
    if (creatorsOf(room).has(user)) throw badRequest(`Creator user ${id} must not appear in content.users`);
  }
  const before = levelsOf(room);
  const power = powerOf(room, actor);
  mustStayBelow(power, ownLevels(before), ownLevels(content));
  for (const key of TABLES) {
    const [old, next] = [table(before, key), table(content, key)];
    mustStayBelow(power, old, next);
    if (key === 'users') mustNotDemotePeers(actor, power, old, next);
  }
}

function tableIn(content: PowerLevelsContent, key: string): object {
  const value = content[key] ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new Refusal(400, 'M_BAD_JSON', `${key} is not an object`);
}

function mustBeLevel(value: unknown): void {
  if (!Number.isInteger(value)) throw new Refusal(400, 'M_BAD_JSON', `${value} is not of type 'integer'`);
}

type Levels = Readonly<Record<string, number>>;

/** The levels that stand in no table. */
function ownLevels(content: PowerLevelsContent): Levels {
  return Object.fromEntries(
    LEVELS.map((key) => [key, content[key]] as const).filter(
      (entry): entry is readonly [string, number] => typeof entry[1] === 'number',
    ),
  );
}

/** What is changed may neither have been above one's own power, nor come to be. */
function mustStayBelow(power: number, before: Levels, after: Levels): void {
  for (const key of changed(before, after)) {
    if ((before[key] ?? power) > power || (after[key] ?? power) > power) {
      throw forbidden("You don't have permission to add ops level greater than your own");
    }
  }
}

function mustNotDemotePeers(actor: UserId, power: number, before: Levels, after: Levels): void {
  for (const user of changed(before, after)) {
    if (user === actor || before[user] !== power) continue;
    throw forbidden("You don't have permission to remove ops level equal to your own");
  }
}

function changed(before: Levels, after: Levels): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}
