import { hersDoors } from '../../desk/explain-json.ts';
import { lastOf, type Next } from '../../desk/explain-story.ts';
import { type MapRoom, termsOf } from '../../desk/map-rooms.ts';
import type { PersonFacts } from '../../desk/person-facts.ts';
import type { RoomFacts } from '../../desk/room-facts.ts';
import { withCommands } from '../../desk/step.ts';
import { ago, utc, when } from '../../desk/words.ts';
import { describeChange } from '../../plan/render.ts';
import type { JournalEntry } from '../../store/store.ts';
import { fields } from './text.ts';

type Context = { readonly bot: string; readonly now: number };
type Field = readonly [label: string, texts: readonly string[]];

/** One person and one room: everything below the sentence that answers. */
export function renderRoom(person: PersonFacts, facts: RoomFacts, next: Next, context: Context): string {
  const list: readonly Field[] = [
    ...personFields(person, context).filter(
      ([label, texts]) => label !== 'Trouble' || !texts.every((text) => next.text.includes(text)),
    ),
    ['Room', roomLines(facts)],
    ['Now', [standingLine(person, facts, context)]],
    ['Open by', openLines(facts)],
    ...some('Also by', facts.others.map(otherLine)),
    ['Record', [recordLine(facts, context)]],
    ...some(
      'History',
      facts.history.map((entry) => historyLine(entry, facts.room, context)),
    ),
    ...some(
      'Held',
      facts.holds.flatMap((hold) =>
        hold.changes.map(({ detail }) => `${hold.digest}: ${named(detail, facts.room)}`),
      ),
    ),
    ...accountFields(person),
    ['Next', [withCommands(next.text, next.steps ?? [])]],
  ];
  return fields(list).join('\n');
}

/** Who she is. */
export function personFields(person: PersonFacts, context: Context): readonly Field[] {
  const { userId, user, profile, waiting } = person;
  const named = [
    ...(profile?.displayName === undefined ? [] : [profile.displayName]),
    ...(profile === undefined ? [] : [`user name ${profile.userName}`]),
    `SCIM id ${userId}`,
    ...(user === undefined ? [] : [`source ${user.source}`]),
    statusOf(person, context),
  ];
  const failing = waiting?.lastError;
  return [
    ['Person', [named.join(', ')]],
    ['Account', [accountLine(person)]],
    ...some('Trouble', failing === undefined ? [] : [failing.message]),
    ...some('Unread', person.live.kind === 'unread' ? [`the homeserver: ${person.live.reason}`] : []),
  ];
}

/** What will be done about the account. */
export function accountFields({ live }: PersonFacts): readonly Field[] {
  if (live.kind === 'unread') return [];
  const changes = live.plan.changes.filter((change) => !('roomId' in change));
  return some('To do', changes.map(describeChange));
}

function some(label: string, texts: readonly string[]): readonly Field[] {
  return texts.length === 0 ? [] : [[label, texts]];
}

function statusOf({ user, profile, link }: PersonFacts, { now }: Context): string {
  if (user === undefined) return 'deleted by the provider';
  if (profile?.active === true) return 'active';
  const since = link?.inactiveSince;
  return since === undefined ? 'deactivated by the provider' : `deactivated, found ${when(since, now)}`;
}

function accountLine({ account, link }: PersonFacts): string {
  if (link === undefined) return account === undefined ? 'none' : `none yet; it would be ${account}`;
  const linked = link.isConfirmed ? 'linked' : 'being made';
  const byUs = [
    ...(link.restriction === undefined ? [] : [link.restriction]),
    ...(link.isAdmin ? ['server admin'] : []),
  ];
  return `${link.account}, ${linked}${byUs.length === 0 ? '' : `, by Usher: ${byUs.join(', ')}`}`;
}

function roomLines(facts: RoomFacts): readonly string[] {
  const { room } = facts;
  const id = room.roomId ?? 'not found by any full pass yet';
  const names = room.target === room.roomId ? id : `${room.target}, ${id}`;
  if (room.doors.length === 0) return [`${names}; not in the group map`];
  const doors = hersDoors(facts);
  const { mode, leave, powerLevel } = termsOf(doors.length > 0 ? doors : room.doors);
  const level = powerLevel === undefined ? '' : `, power level ${powerLevel}`;
  return [names, `mode ${mode}, leave ${leave}${level}`];
}

function standingLine({ account }: PersonFacts, facts: RoomFacts, { bot }: Context): string {
  const { standing, record } = facts;
  if (standing === undefined) {
    return record === undefined
      ? 'not known: the homeserver was not read, and nothing is recorded'
      : `as recorded: ${record.state}; the homeserver was not read`;
  }
  if (standing === 'none') return 'never had to do with the room';
  const { membership, sender } = standing;
  const by = sender === bot ? 'Usher' : sender === account ? 'herself' : sender;
  if (membership === 'join') return 'in the room';
  if (membership === 'invite') return `invited by ${by}`;
  if (membership === 'knock') return 'asked to be let in';
  if (membership === 'ban') return `banned by ${by}`;
  return sender === account ? 'out: left by herself' : `out: removed by ${by}`;
}

function openLines({ hers, everybody }: RoomFacts): readonly string[] {
  const groups = hers.map(({ name, chain }) =>
    chain.length === 1 ? `${name} (she is in it)` : `${name} (${chain.join(' in ')})`,
  );
  const lines = [...groups, ...(everybody === undefined ? [] : ['"*", which is everybody'])];
  return lines.length === 0 ? ['no group of hers'] : lines;
}

function otherLine({ key, name }: RoomFacts['others'][number]): string {
  return name === undefined ? `${key} (no pushed group has this name)` : `${name} (she is not in it)`;
}

function recordLine(facts: RoomFacts, { now }: Context): string {
  const { record } = facts;
  if (record !== undefined) return `${record.state}, since ${when(record.since, now)}`;
  return lastOf(facts) === undefined ? 'none: Usher did not let her in' : 'none any more';
}

function historyLine({ at, outcome, detail, cause }: JournalEntry, room: MapRoom, { now }: Context): string {
  const because = cause === undefined ? '' : `; cause: ${cause}`;
  const what = named(detail, room);
  const done = outcome === 'done' ? 'done by Usher' : outcome;
  return `${utc(at)} (${ago(at, now)}), ${done}: ${what}${because}`;
}

/** The room as the map calls it. */
function named(detail: string, { target, roomId }: MapRoom): string {
  return roomId === undefined ? detail : detail.replaceAll(roomId, target);
}
