import type { Desk } from '../../desk/desk.ts';
import {
  contextOf,
  explainPerson,
  explainRoom,
  type PersonExplanation,
  personExplanationJson,
  type RoomExplanation,
  roomExplanationJson,
} from '../../desk/explain.ts';
import { isIn } from '../../desk/explain-story.ts';
import { findPerson } from '../../desk/find-person.ts';
import { findRoom } from '../../desk/find-room.ts';
import { readMapRooms } from '../../desk/map-rooms.ts';
import { type PersonFacts, readPerson } from '../../desk/person-facts.ts';
import { withCommands } from '../../desk/step.ts';
import { oneLine } from '../../plan/legible.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, show } from './desk.ts';
import { accountFields, personFields, renderRoom } from './explain-render.ts';
import { fields, indented, tableWithHead, wrapped } from './text.ts';

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
      const all = await explainPerson(desk, person, rooms);
      show(terminal, options.json, personExplanationJson(all), () => renderAll(desk, all));
    } else {
      const one = await explainRoom(desk, person, room);
      show(terminal, options.json, roomExplanationJson(person, one), () => renderOne(desk, person, one));
    }
    return EXIT.ok;
  });
}

function renderOne(desk: Desk, person: PersonFacts, { answer, facts, next }: RoomExplanation): string {
  return `${oneLine(answer)}\n\n${renderRoom(person, facts, next, contextOf(desk))}`;
}

function renderAll(desk: Desk, { person, answer, rooms }: PersonExplanation): string {
  const context = contextOf(desk);
  const rows = rooms.map(({ facts, next }) => [
    isIn(facts) ? 'in' : 'out',
    facts.room.target,
    [...facts.hers.map((opener) => opener.name), ...(facts.everybody === undefined ? [] : ['*'])].join(
      ', ',
    ) || '–',
    next.kind,
  ]);
  const table = rows.length === 0 ? [] : ['', ...tableWithHead(['NOW', 'ROOM', 'THROUGH', 'NEXT'], rows)];
  const open = rooms.filter(({ next }) => next.kind !== 'nothing' && next.kind !== 'blocked');
  const list = [...personFields(person, context), ...accountFields(person)];
  return [
    oneLine(answer),
    '',
    ...fields(list),
    ...table,
    ...open.flatMap(({ answer: why, next }) => [
      '',
      oneLine(why),
      ...indented(wrapped(`next: ${withCommands(next.text, next.steps ?? [])}`, 2)),
    ]),
  ].join('\n');
}
