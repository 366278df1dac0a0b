import { oneLine } from '../../plan/legible.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, type Desk, show } from './desk.ts';
import { personJson, roomJson } from './explain-json.ts';
import { accountFields, personFields, renderRoom } from './explain-render.ts';
import { answerOf, blockOf, firstSentence, isIn, type Next, nameOf, nextOf } from './explain-story.ts';
import { findPerson } from './find-person.ts';
import { findRoom } from './find-room.ts';
import { type MapRoom, readMapRooms } from './map-rooms.ts';
import { type PersonFacts, readPerson } from './person-facts.ts';
import { type RoomFacts, readRoom } from './room-facts.ts';
import { count, fields, indented, tableWithHead, wrapped } from './text.ts';

/** Says whether somebody is in a room and why, or how it is with all her rooms. */
export async function explainCommand(
  terminal: Terminal,
  options: { readonly json: boolean },
  [name = '', roomName]: readonly string[],
): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const rooms = await readMapRooms(desk.store, desk.map);
    const room = roomName === undefined ? undefined : await findRoom(desk, rooms, roomName);
    const person = await readPerson(desk, await findPerson(desk, name));
    if (room === undefined) {
      show(terminal, options.json, await explainAll(desk, person, rooms), ({ text }) => text);
    } else {
      show(terminal, options.json, await explainOne(desk, person, room), ({ text }) => text);
    }
    return EXIT.ok;
  });
}

/** The `text` is for people only. */
type Explanation = { readonly text: string; toJSON(): object };

async function explainOne(desk: Desk, person: PersonFacts, room: MapRoom): Promise<Explanation> {
  const context = contextOf(desk);
  const facts = await readRoom(desk, person, room);
  const answer = answerOf(person, facts, context);
  const next = nextOf(person, facts, context);
  return {
    text: `${oneLine(answer)}\n\n${renderRoom(person, facts, next, context)}`,
    toJSON: () => ({ answer, person: personJson(person), ...roomJson(facts), next }),
  };
}

async function explainAll(desk: Desk, person: PersonFacts, mapped: readonly MapRoom[]): Promise<Explanation> {
  const context = contextOf(desk);
  const all: { readonly facts: RoomFacts; readonly answer: string; readonly next: Next }[] = [];
  for (const room of concerning(person, mapped)) {
    const facts = await readRoom(desk, person, room);
    all.push({ facts, answer: answerOf(person, facts, context), next: nextOf(person, facts, context) });
  }
  const answer = summaryOf(person, all);
  const rows = all.map(({ facts, next }) => [
    isIn(facts) ? 'in' : 'out',
    facts.room.target,
    [...facts.hers.map((opener) => opener.name), ...(facts.everybody === undefined ? [] : ['*'])].join(
      ', ',
    ) || '–',
    next.kind,
  ]);
  const table = rows.length === 0 ? [] : ['', ...tableWithHead(['NOW', 'ROOM', 'THROUGH', 'NEXT'], rows)];
  const open = all.filter(({ next }) => next.kind !== 'nothing' && next.kind !== 'blocked');
  const list = [...personFields(person, context), ...accountFields(person)];
  return {
    text: [
      oneLine(answer),
      '',
      ...fields(list),
      ...table,
      ...open.flatMap(({ answer: why, next }) => [
        '',
        oneLine(why),
        ...indented(wrapped(`next: ${next.text}`, 2)),
      ]),
    ].join('\n'),
    toJSON: () => ({
      answer,
      person: personJson(person),
      rooms: all.map((each) => ({ answer: each.answer, ...roomJson(each.facts), next: each.next })),
    }),
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

function summaryOf(
  person: PersonFacts,
  all: readonly { readonly facts: RoomFacts; readonly next: Next }[],
): string {
  const inside = all.filter(({ facts }) => isIn(facts)).length;
  const open = all.filter(({ next }) => next.kind !== 'nothing').length;
  const blocked = blockOf(person);
  if (blocked !== undefined) return `${nameOf(person)} gets nothing now: ${firstSentence(blocked)}`;
  const rest = open === 0 ? 'all is as it should be' : `something is to be said about ${open}`;
  return `${nameOf(person)} is in ${count(inside, 'room')} of ${all.length} that concern her: ${rest}.`;
}

function contextOf({ config, now }: Desk) {
  return {
    bot: config.matrix.adminUserId,
    now,
    resyncMs: config.resyncIntervalMs,
    isDryRun: config.dryRun,
  };
}
