import type { GroupNames } from '../directory/group.ts';
import type { RoomAlias, RoomId } from '../matrix/ids.ts';
import { GroupMapError } from './group-map.ts';
import { parseGroupMap } from './group-map-parse.ts';
import { harmlessJson } from './legible.ts';

/** A room that most of a group are in. */
export type DraftRoom = {
  readonly room: RoomId | RoomAlias;
  readonly name: string | undefined;
  readonly isSpace: boolean;
  /** So many of those who were looked at are in. */
  readonly inside: number;
  /** Who else is in; undefined if not everybody of the group was looked at. */
  readonly others: number | undefined;
  readonly joined: number;
};

/** A group with what was found about its members. */
export type DraftGroup = {
  /** Undefined if no key of a map can name it. */
  readonly key: string | undefined;
  readonly name: string;
  readonly members: number;
  /** The members with an account that were looked at. */
  readonly lookedAt: number;
  readonly isSample: boolean;
  readonly rooms: readonly DraftRoom[];
};

/** The key of a group in a map: its external id if a map can have that, else its display name. */
export function keyOf({ externalId, displayName }: Omit<GroupNames, 'id'>): string | undefined {
  if (externalId !== undefined && kindOf(externalId) === 'external-id') return externalId;
  const byName = `name:${displayName}`;
  return kindOf(byName) === 'name' ? byName : undefined;
}

function kindOf(key: string): string | undefined {
  try {
    return parseGroupMap(JSON.stringify({ [key]: [] })).rules[0]?.group.kind;
  } catch (error) {
    if (!(error instanceof GroupMapError)) throw error;
    return undefined;
  }
}

/** A group map of what was found, with the numbers as comments. */
export function renderDraft(groups: readonly DraftGroup[], notes: readonly string[]): string {
  const parts = groups.map((group) =>
    renderGroup(group)
      .map((line) => `  ${line}`)
      .join('\n'),
  );
  const comments = notes.map((note) => `// ${oneLine(note)}`);
  return [...comments, '{', ...(parts.length === 0 ? [] : [parts.join('\n\n')]), '}'].join('\n');
}

function renderGroup(group: DraftGroup): readonly string[] {
  const { key, rooms, name } = group;
  const about = `// ${oneLine(name) || 'a group without a name'}: ${aboutMembers(group)}`;
  if (key === undefined)
    return [about, '// It has neither an external id nor a display name that a map can have.'];
  if (rooms.length === 0) return [about, `// ${harmlessJson(key)}: [],`];
  const lines = rooms.map((room) => `  ${harmlessJson(room.room)}, // ${aboutRoom(room, group)}`);
  return [about, `${harmlessJson(key)}: [`, ...lines, '],'];
}

function aboutMembers({ members, lookedAt, isSample, rooms }: DraftGroup): string {
  const active = `${members} active member${members === 1 ? '' : 's'}`;
  if (lookedAt === 0)
    return isSample ? `${active}; none of those looked at has an account` : `${active}, none with an account`;
  const looked = isSample ? `${lookedAt} with an account were looked at` : `${lookedAt} with an account`;
  return `${active}, ${looked}${rooms.length === 0 ? '; they share no room' : ''}`;
}

function aboutRoom(room: DraftRoom, { lookedAt, isSample }: DraftGroup): string {
  const { name, isSpace, inside, others, joined } = room;
  const title = [
    ...(isSpace ? ['space'] : []),
    ...(name === undefined ? [] : [JSON.stringify(oneLine(name))]),
  ].join(' ');
  const share = `${inside} of ${lookedAt} ${isSample ? 'who were looked at' : `member${lookedAt === 1 ? '' : 's'}`} ${inside === 1 ? 'is' : 'are'} in`;
  const rest =
    others === undefined
      ? `${joined} people altogether`
      : others === 0
        ? 'nobody else'
        : `${others} other${others === 1 ? '' : 's'} too`;
  return `${title === '' ? '' : `${title}: `}${share}; ${rest}`;
}

/** A name may hold anything; what follows a line break would not be a comment any more. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
