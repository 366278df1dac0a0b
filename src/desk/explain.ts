import type { Desk } from './desk.ts';
import { personJson, roomJson } from './explain-json.ts';
import { answerOf, blockOf, firstSentence, isIn, type Next, nameOf, nextOf } from './explain-story.ts';
import type { MapRoom } from './map-rooms.ts';
import type { PersonFacts } from './person-facts.ts';
import { type RoomFacts, readRoom } from './room-facts.ts';
import { stepsJson } from './step.ts';
import { count } from './words.ts';

/** Whether she is in a room and why, and what comes next. */
export type RoomExplanation = { readonly answer: string; readonly facts: RoomFacts; readonly next: Next };

/** How it is with all rooms that concern her. */
export type PersonExplanation = {
  readonly person: PersonFacts;
  readonly answer: string;
  readonly rooms: readonly RoomExplanation[];
};

export async function explainRoom(desk: Desk, person: PersonFacts, room: MapRoom): Promise<RoomExplanation> {
  const context = contextOf(desk);
  const facts = await readRoom(desk, person, room);
  return { facts, answer: answerOf(person, facts, context), next: nextOf(person, facts, context) };
}

/** `mapped`: all rooms of the map. */
export async function explainPerson(
  desk: Desk,
  person: PersonFacts,
  mapped: readonly MapRoom[],
): Promise<PersonExplanation> {
  const rooms: RoomExplanation[] = [];
  for (const room of concerning(person, mapped)) rooms.push(await explainRoom(desk, person, room));
  return { person, rooms, answer: summaryOf(person, rooms) };
}

/** As JSON tells it. */
export function roomExplanationJson(person: PersonFacts, { answer, facts, next }: RoomExplanation) {
  return { answer, person: personJson(person), ...roomJson(facts), next: stepsJson(next) };
}

/** As JSON tells it. */
export function personExplanationJson({ person, answer, rooms }: PersonExplanation) {
  return {
    answer,
    person: personJson(person),
    rooms: rooms.map((each) => ({
      answer: each.answer,
      ...roomJson(each.facts),
      next: stepsJson(each.next),
    })),
  };
}

/** Rooms that are open to her, that are recorded for her, or of the map and she is in. */
function concerning(person: PersonFacts, mapped: readonly MapRoom[]): readonly MapRoom[] {
  const { live, groups, holders, records } = person;
  const isOpen = ({ doors }: MapRoom): boolean =>
    doors.some(
      (door) => (door.key === '*' && holders.length > 0) || door.groups.some((group) => groups.has(group)),
    );
  const isJoined = ({ roomId }: MapRoom): boolean =>
    roomId !== undefined && live.kind === 'read' && live.memberships.get(roomId) === 'join';
  const isRecorded = ({ roomId }: MapRoom): boolean => roomId !== undefined && records.has(roomId);
  const known = new Set(mapped.map(({ roomId }) => roomId));
  const unmapped = [...records.keys()].filter((roomId) => !known.has(roomId));
  return [
    ...mapped.filter((room) => isOpen(room) || isJoined(room) || isRecorded(room)),
    ...unmapped.map((roomId): MapRoom => ({ target: roomId, roomId, doors: [] })),
  ];
}

function summaryOf(person: PersonFacts, all: readonly RoomExplanation[]): string {
  const inside = all.filter(({ facts }) => isIn(facts)).length;
  const open = all.filter(({ next }) => next.kind !== 'nothing').length;
  const blocked = blockOf(person);
  if (blocked !== undefined) return `${nameOf(person)} gets nothing now: ${firstSentence(blocked)}`;
  const rest = open === 0 ? 'all is as it should be' : `something is to be said about ${open}`;
  return `${nameOf(person)} is in ${count(inside, 'room')} of ${all.length} that concern her: ${rest}.`;
}

/** What the words depend on, beside the facts. */
export function contextOf({ config, now }: Desk) {
  return {
    bot: config.matrix.adminUserId,
    now,
    resyncMs: config.resyncIntervalMs,
    isDryRun: config.dryRun,
  };
}
