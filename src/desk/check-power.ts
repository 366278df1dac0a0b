import type { Room } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import { beyondReach, powerOf, powerWithin } from '../matrix/power.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const MOST_NAMES = 5;

/** Whether the bot can let people into a room and out of it. */
export function* checkPower(room: Room, subject: string, bot: UserId): Generator<Finding> {
  const { invite, kick } = room.powerLevels;
  const power = powerOf(room, bot);
  const isIn = room.members.get(bot)?.membership === 'join';
  if (!isIn || power < invite || power < kick) {
    const lack = isIn
      ? `${bot} has power ${power} there, inviting needs ${invite} and removing ${kick}`
      : `${bot} is not in it`;
    const within = powerWithin(room, bot);
    if (within < invite || within < kick) {
      yield failure(subject, {
        found: `${lack}, and nobody of this homeserver there has the power to change that`,
        meaning: 'people can not be added or removed.',
        remedy: `let somebody who has power in ${room.roomId} invite ${bot} and give it power 100.`,
      });
      return;
    }
    yield ok(subject, `${lack}; Usher makes it a member with power when it first needs to`);
    return;
  }
  const beyond = beyondReach(room, bot);
  if (beyond.length === 0) return;
  const names = beyond.slice(0, MOST_NAMES).join(', ');
  const rest = beyond.length > MOST_NAMES ? ` and ${beyond.length - MOST_NAMES} more` : '';
  yield warning(subject, {
    found: `${names}${rest} can not be removed: their power is not below that of ${bot}`,
    meaning: 'when one of them loses the group, the removal is refused and reported.',
    remedy:
      'lower their power if groups are to decide about them too. Who created a room of version 12 or later has no power to lower: nothing to do.',
  });
}
