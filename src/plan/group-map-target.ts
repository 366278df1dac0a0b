import type { Node } from 'jsonc-parser';
import type { RoomTarget } from './group-map.ts';
import { readCreate } from './group-map-create.ts';
import {
  fieldOf,
  readChildren,
  readLeave,
  readLimit,
  readMode,
  readPowerLevel,
  readRoom,
} from './group-map-fields.ts';
import type { MapText } from './group-map-text.ts';
import { readWords } from './group-map-words.ts';

/** A room of a rule, and where it and its fields are written. */
export type PlacedTarget = {
  readonly target: RoomTarget;
  readonly node: Node;
  readonly field: (name: string) => Node | undefined;
};

/** One room of a rule, as a string or as an object; undefined if there is a problem, which is reported. */
export function readTarget(text: MapText, node: Node): PlacedTarget | undefined {
  const field = node.type === 'object' ? fieldOf(text, node, 'room') : () => undefined;
  const room = readRoom(text, node.type === 'object' ? field('room') : node, node);
  const mode = readMode(text, field('mode'));
  const terms = {
    leave: readLeave(text, field('leave')),
    powerLevel: readPowerLevel(text, field('powerLevel')),
    children: readChildren(text, field('children'), room),
    create: readCreate(text, field('create'), room),
    limit: readLimit(text, field('limit')),
    words: readWords(text, field('words')),
    place: text.placeOf(node),
  };
  return room && mode && { target: { room, mode, ...terms }, node, field };
}
