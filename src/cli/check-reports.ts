import type { Config } from '../config/config.ts';
import { type Finding, ok, warning } from '../desk/finding.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver, Room } from '../matrix/homeserver.ts';
import { powerWithin } from '../matrix/power.ts';
import { cureFor, findReportRoom } from '../reports/room-channel.ts';

const SUBJECT = 'REPORT_ROOM';
const MEANING = 'nobody is told there; nothing else suffers, and what there is to tell is kept.';

/** Whether the bot can say something in the room of the reports. */
export async function* checkReports(config: Config, homeserver: Homeserver): AsyncGenerator<Finding> {
  const { webhook, room: name } = config.reports;
  if (webhook !== undefined)
    yield ok('REPORT_WEBHOOK_URL', 'reports are posted there, signed; not tried now');
  if (name === undefined) return;
  const bot = config.matrix.adminUserId;
  const trouble = (found: string, remedy: string): Finding =>
    warning(SUBJECT, { found, meaning: MEANING, remedy });
  let room: Room | undefined;
  try {
    const roomId = await findReportRoom(homeserver, name);
    if (roomId === undefined) {
      yield trouble(`no room has the alias ${name}`, 'make the room, or correct REPORT_ROOM.');
      return;
    }
    room = await homeserver.room(roomId);
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    yield trouble(`${name}: ${error.message}`, `${cureFor(bot)}.`);
    return;
  }
  if (room === undefined) {
    yield trouble(`the homeserver does not know ${name}`, 'correct REPORT_ROOM.');
    return;
  }
  yield* checkEntry(room, config, trouble);
  if (room.isEncrypted) {
    yield warning(SUBJECT, {
      found: 'the room is end-to-end encrypted, and the bot does not encrypt',
      meaning: 'reports are sent there as plain text, which the server can read.',
      remedy: 'use a room without encryption, so that nobody takes them for secret.',
    });
  }
}

function* checkEntry(
  room: Room,
  config: Config,
  trouble: (found: string, remedy: string) => Finding,
): Generator<Finding> {
  const bot = config.matrix.adminUserId;
  const isIn = room.members.get(bot)?.membership === 'join';
  // Whoever may change the levels can give the bot what it needs: `takeRoom` asks for that.
  if (!isIn && powerWithin(room, bot) < room.powerLevels.change) {
    yield trouble(
      `${bot} is not in ${room.roomId}, and nobody of this homeserver there has the power to let it in`,
      `${cureFor(bot)}.`,
    );
    return;
  }
  const entry = isIn ? `${bot} is in it` : 'Usher enters it with the first report';
  const dry = config.dryRun ? '; with DRY_RUN nothing is said there' : '';
  yield ok(SUBJECT, `${room.roomId}: ${entry}${dry}`);
}
