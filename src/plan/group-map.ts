import { foldCase } from '../directory/resource.ts';
import type { RoomAlias, RoomId } from '../matrix/ids.ts';

/**
 * Whom a rule is about: a group by the provider's id (survives a rename), a group by its display name, or
 * everybody active. `name` is as written in the map; `foldName` says which names are the same.
 */
export type GroupSelector =
  | { readonly kind: 'external-id'; readonly id: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'everybody' };

/**
 * What becomes of a member who is not entitled (any more): `granted` removes those whom a group entitled before and
 * nobody else, `additive` never removes, `exclusive` removes everyone who is not entitled.
 */
export type Mode = 'granted' | 'additive' | 'exclusive';

/** Limits of what may be taken away within an hour without approval; see `plan/guard.ts`. */
export type Limit = {
  /** Of the entitled, in per cent; 100 is no limit. */
  readonly percent: number;
  /** So many may always be taken away. */
  readonly count: number;
};

/** What is said to a person who was let into the room by her groups, or who lost it; plain text. */
export type Words = { readonly added: string | undefined; readonly removed: string | undefined };

/** What to make if there is no such room yet; made once. */
export type Creation = {
  readonly name: string | undefined;
  readonly topic: string | undefined;
  readonly isSpace: boolean;
  readonly isPrivate: boolean;
  readonly isEncrypted: boolean;
  /** The space that it becomes a room of. */
  readonly parent: RoomId | RoomAlias | undefined;
};

/** A room that a group opens. A room has one mode in the whole map; an alias and an id may be the same room. */
export type RoomTarget = {
  readonly room: RoomId | RoomAlias;
  readonly mode: Mode;
  /** Who leaves by herself stays away until her entitlement is renewed, or is put back. */
  readonly leave: 'allowed' | 'undone';
  /** The power level of who has the room by this; undefined leaves levels alone. */
  readonly powerLevel: number | undefined;
  /** Rooms of this space that come along; `none` also if it is no space. */
  readonly children: 'none' | 'all' | readonly (RoomId | RoomAlias)[];
  readonly create: Creation | undefined;
  /** What it does not say is as in the settings. */
  readonly limit: Partial<Limit> | undefined;
  /** Not of rooms that come along. */
  readonly words: Words | undefined;
  /** Where it stands in the map. */
  readonly place: Place;
};

/** `line` and `column` count from 1; columns are UTF-16 units, as editors count them. */
export type Place = { readonly line: number; readonly column: number };

export type Rule = {
  readonly group: GroupSelector;
  readonly targets: readonly RoomTarget[];
  /** Where it is written that members of the group are server admins; undefined: they are not by it. */
  readonly admin: Place | undefined;
};

/** Which group opens which rooms, in the order of the map. No rule at all is a valid map: it entitles nobody. */
export type GroupMap = { readonly rules: readonly Rule[] };

export type GroupMapProblem = Place & { readonly message: string };

/** A text that is not a group map, with everything that is wrong with it in the order of the text. */
export class GroupMapError extends Error {
  override readonly name = 'GroupMapError';
  readonly problems: readonly GroupMapProblem[];

  /** `source` is the path of the file, if it is one. */
  constructor(problems: readonly GroupMapProblem[], source = 'group map') {
    super(`not a valid group map\n${renderProblems(source, problems)}`);
    this.problems = problems;
  }
}

/** One line for each problem, in the form that editors and terminals make a link of. */
export function renderProblems(fileName: string, problems: readonly GroupMapProblem[]): string {
  return problems.map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}`).join('\n');
}

/** Two display names are the same group's name if this makes them equal: case and outer blanks do not count. */
export function foldName(name: string): string {
  return foldCase(name.trim());
}
