import { z } from 'zod';
import type { Names, WholePlan } from '../../desk/whole-plan.ts';
import { takesAway } from '../../plan/change.ts';
import { describeWithGroups } from '../../plan/render.ts';

/** Of each room so many changes are told one by one, and of all rooms together so many. */
const MOST_TOLD = 100;
const MOST_TOLD_IN_ALL = 2_000;

/** What would be done by a map, by room. */
export const planAnswer = z.object({
  joins: z.number().int(),
  kicks: z.number().int(),
  others: z.number().int(),
  rooms: z.array(
    z.object({
      roomId: z.string(),
      name: z.string().describe('As the map calls it'),
      joins: z.number().int(),
      kicks: z.number().int(),
      levels: z.number().int(),
      changes: z
        .array(z.string())
        .describe(
          `In words, what is taken away first; at most ${MOST_TOLD}, and ${MOST_TOLD_IN_ALL} of all rooms`,
        ),
      more: z.number().int().describe('Changes of the room that are not told'),
    }),
  ),
  accounts: z
    .array(z.string())
    .describe(`Changes of accounts, in words, what is taken away first; at most ${MOST_TOLD}`),
  moreAccounts: z.number().int().describe('Changes of accounts that are not told'),
  toMake: z.array(z.string()).describe('Rooms that would be made'),
  held: z.array(z.string()).describe('Why some of what takes away would be held until somebody approves'),
  toKnow: z.array(z.string()),
  problems: z.array(z.string()).describe('What could not be read'),
});

/** What takes most people out comes first. */
export function summed({
  plan,
  names,
}: {
  readonly plan: WholePlan;
  readonly names: Names;
}): z.input<typeof planAnswer> {
  const rooms = new Map<string, z.input<typeof planAnswer>['rooms'][number]>();
  const accounts: string[] = [];
  let moreAccounts = 0;
  let told = 0;
  const total = { joins: 0, kicks: 0, others: 0 };
  // What is taken away comes first, so that it is told if not all can be.
  const order = plan.changes.toSorted((a, b) => Number(takesAway(b)) - Number(takesAway(a)));
  for (const change of order) {
    const what = change.kind === 'join' ? 'joins' : change.kind === 'kick' ? 'kicks' : 'others';
    total[what] += 1;
    if (!('roomId' in change)) {
      if (accounts.length < MOST_TOLD) accounts.push(describeWithGroups(change, names));
      else moreAccounts += 1;
      continue;
    }
    const { roomId } = change;
    const room = rooms.get(roomId) ?? {
      ...{ roomId, name: names.get(roomId) ?? roomId, joins: 0, kicks: 0, levels: 0, changes: [], more: 0 },
    };
    if (change.kind === 'set-levels') room.levels += change.levels.size;
    else room[change.kind === 'join' ? 'joins' : 'kicks'] += 1;
    if (room.changes.length < MOST_TOLD && told < MOST_TOLD_IN_ALL) {
      room.changes.push(describeWithGroups(change, names));
      told += 1;
    } else room.more += 1;
    rooms.set(roomId, room);
  }
  return {
    ...{ ...total, rooms: [...rooms.values()].sort((a, b) => b.kicks - a.kicks), accounts, moreAccounts },
    ...{ toMake: [...plan.toMake], held: [...plan.held] },
    toKnow: [...plan.findings.map(({ message }) => message), ...plan.notes],
    problems: plan.problems.map(({ message }) => message),
  };
}
