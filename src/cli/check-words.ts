import { type Finding, ok, warning } from '../desk/finding.ts';
import { HomeserverError } from '../matrix/error.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { GroupMap } from '../plan/group-map.ts';

const SUBJECT = 'server notices';
const MEANING = 'nobody is told what the group map has as "words"; people get in and out all the same.';

/** Whether what the map has to say to people can be said. Not asked if it has nothing to say. */
export async function* checkWords(map: GroupMap, homeserver: Homeserver): AsyncGenerator<Finding> {
  const rooms = map.rules.flatMap(({ targets }) => targets).filter(({ words }) => words !== undefined);
  if (rooms.length === 0) return;
  try {
    if (await homeserver.hasServerNotices()) {
      yield ok(SUBJECT, 'the homeserver has them: what the group map has as "words" can be said');
      return;
    }
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    yield warning(SUBJECT, { found: error.message, meaning: MEANING, remedy: 'run this again later.' });
    return;
  }
  yield warning(SUBJECT, {
    found: 'the homeserver has none, and the group map has "words" for people',
    meaning: MEANING,
    remedy: `put this into homeserver.yaml, with a name that is free, and restart Synapse:
        server_notices:
          system_mxid_localpart: notices
          system_mxid_display_name: "Notices"
          room_name: "Notices"`,
  });
}
