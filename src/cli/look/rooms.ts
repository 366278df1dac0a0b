import { type RoomReport, readRoomList } from '../../desk/room-list.ts';
import { count } from '../../desk/words.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, show } from './desk.ts';
import { tableWithHead, wrapped } from './text.ts';

const MOST_NAMES = 10;
const INDENT = 4;

/** Lists the rooms of the map, and who is to be in them. */
export async function roomsCommand(
  terminal: Terminal,
  options: { readonly json: boolean; readonly live: boolean },
): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const rooms = await readRoomList(desk, options.live);
    show(terminal, options.json, rooms, render);
    const isUnread = rooms.some(({ live }) => live !== undefined && 'problem' in live);
    return isUnread ? EXIT.failed : EXIT.ok;
  });
}

function render(rooms: readonly RoomReport[]): string {
  if (rooms.length === 0) return 'The group map opens no room.';
  const [head = '', ...lines] = tableWithHead(
    ['ROOM', 'ENTITLED', 'JOINED', 'MODE', 'LEAVE', 'LEVEL'],
    rooms.map(({ target, entitled, joined, mode, leave, powerLevel }) => [
      target,
      String(entitled),
      String(joined),
      mode,
      leave,
      powerLevel === undefined ? '–' : String(powerLevel),
    ]),
  );
  return [head, ...rooms.flatMap((room, index) => [lines[index] ?? '', ...details(room)])].join('\n');
}

function details(room: RoomReport): readonly string[] {
  const { target, roomId, spaces, groups, problems, live } = room;
  const through = groups.map(({ key, name }) =>
    key === '*' ? 'everybody' : (name ?? `${key} (nobody pushed it yet)`),
  );
  const texts = [
    `${target === roomId ? '' : `${roomId ?? 'not found by any full pass yet'}, `}through ${through.join(', ')}`,
    ...spaces.map((space) => `comes along with the space ${space}`),
    ...liveTexts(live),
    ...problems.map((problem) => `! ${problem}`),
  ];
  return texts.flatMap((text) => wrapped(text, INDENT).map((line) => `${' '.repeat(INDENT)}${line}`));
}

function liveTexts(live: RoomReport['live']): readonly string[] {
  if (live === undefined) return [];
  if ('problem' in live) return [`! ${live.problem}`];
  const { joined, strays, botPower } = live;
  const power =
    botPower === undefined
      ? 'the bot is not in it'
      : botPower === 'creator'
        ? 'the bot created it'
        : `the bot has power ${botPower}`;
  const names = strays.slice(0, MOST_NAMES).join(', ');
  const more = strays.length > MOST_NAMES ? ` and ${strays.length - MOST_NAMES} more` : '';
  return [
    `now: ${count(joined, 'member')}; ${power}`,
    ...(strays.length === 0 ? [] : [`${strays.length} not entitled: ${names}${more}`]),
  ];
}
