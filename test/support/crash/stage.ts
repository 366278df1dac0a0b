import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoomId } from '../../../src/matrix/ids.ts';
import { randomFrom } from '../scim/random.ts';
import { tempDir } from '../temp-dir.ts';
import { envFor, SECRET } from '../usher.ts';
import { startUsherProcess } from '../usher-process.ts';
import { createCertainty, type EntitledKey, entitledIn } from './entitled.ts';
import { findDirectory } from './found.ts';
import { startWatched } from './homeserver.ts';
import { groupKeys, userBody } from './requests.ts';
import { createWriter, type Verdict, type Writer } from './writer.ts';

const PROVIDERS = ['a', 'b', 'c', 'd'];
const CROWD = 1_600;
/** A plan that was made just before she was entitled again may be carried out: milliseconds. */
const GRACE_MS = 5_000;
const CONVERGED_MS = 60_000;
const BULK = 100;

/** A homeserver, a folder with a database, and providers that go on pushing whatever becomes of Usher. */
export async function createCrashStage(seed: number) {
  const unentitled: string[] = [];
  let kicks = 0;
  const homeserver = await startWatched(({ roomId, userId }) => {
    kicks += 1;
    const certain = certainty.certainFor(`${roomId} ${userId}`);
    if (certain !== undefined && certain > GRACE_MS) unentitled.push(`${userId} from ${roomId}`);
  });
  const owner = await homeserver.person('owner');
  const shared = await owner.createRoom();
  const openings = new Map<string, RoomId>();
  for (const name of PROVIDERS) {
    openings.set(groupKeys(name).own, await owner.createRoom());
    openings.set(groupKeys(name).shared, shared);
  }
  const certainty = createCertainty(openings, Date.now);
  const folder = tempDir();
  const env = envFor(homeserver, folder, {
    ...{ LOG_LEVEL: 'info', PROVISION: 'mapped', REMOVAL_LIMIT_PERCENT: '100', RESYNC_INTERVAL: '10s' },
  });
  writeFileSync(String(env.GROUP_MAP_FILE), JSON.stringify(Object.fromEntries(openings)));
  const file = join(String(env.DATA_DIR), 'usher.db');
  const first = await startUsherProcess(env);
  const crowdIds = await pushCrowd(first.url);
  await first.end();

  const writers: readonly Writer[] = PROVIDERS.map((name, index) => {
    let certain: ReadonlySet<EntitledKey> = new Set();
    return createWriter({
      ...{ name, crowdIds, token: SECRET, crowd: [...crowdIds.keys()] },
      random: randomFrom(seed * 1_000 + index),
      onStates: (states) => {
        certain = certainty.learn(states, certain);
      },
    });
  });

  const expected = (): ReadonlySet<EntitledKey> =>
    new Set(writers.flatMap((writer) => [...entitledIn(writer.domain(), openings)]));
  /** The bot comes into a room with the first whom it lets in. */
  const present = async (wanted: ReadonlySet<EntitledKey>): Promise<ReadonlySet<EntitledKey>> => {
    const keys = new Set<EntitledKey>();
    for (const roomId of new Set(openings.values())) {
      const members = await homeserver.homeserver.joinedMembers(roomId);
      const isWanted = [...wanted].some((key) => key.startsWith(`${roomId} `));
      if (isWanted && members?.has(homeserver.bot) !== true) throw new Error(`the bot is not in ${roomId}`);
      for (const member of members ?? []) {
        if (member !== homeserver.bot && member !== owner.userId) keys.add(`${roomId} ${member}`);
      }
    }
    return keys;
  };

  return {
    env,
    file,
    writers,
    kicks: () => kicks,
    unentitled,
    /** Compares the database with what each provider knows; resolves with what was under way. */
    judge(): readonly Verdict[] {
      const found = findDirectory(file);
      if (found.faults.length > 0) throw new Error(`the database is broken: ${found.faults.join('\n')}`);
      if (found.domains.get('crowd')?.users.size !== CROWD) throw new Error('somebody of the crowd is gone');
      return writers.flatMap((writer) => writer.judge(found) ?? []);
    },
    /** Resolves with how many memberships there are, once they are what directory and map say. */
    async converge(): Promise<number> {
      const end = Date.now() + CONVERGED_MS;
      const wanted = expected();
      for (;;) {
        const there = await present(wanted).catch((error: unknown) => String(error));
        if (typeof there !== 'string' && there.symmetricDifference(wanted).size === 0) return wanted.size;
        if (Date.now() > end) throw new Error(`the rooms do not converge: ${differenceOf(there, wanted)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

function differenceOf(there: ReadonlySet<EntitledKey> | string, wanted: ReadonlySet<EntitledKey>): string {
  if (typeof there === 'string') return there;
  const missing = [...wanted.difference(there)].join(', ');
  return `missing: ${missing}; too many: ${[...there.difference(wanted)].join(', ')}`;
}

/** Users whom every provider's large group may have. Nobody changes them. */
async function pushCrowd(url: string): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  const names = Array.from({ length: CROWD }, (_, index) => `crowd-${index}`);
  for (let start = 0; start < CROWD; start += BULK) {
    const operations = names.slice(start, start + BULK).map((name) => {
      const person = { displayName: name, formatted: name, email: `${name}@example.com`, active: true };
      return { method: 'POST', path: '/Users', bulkId: name, data: userBody(name, person) };
    });
    const response = await fetch(`${url}/scim/v2/Bulk`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: operations,
      }),
    });
    const { Operations: results } = JSON.parse(await response.text());
    for (const { bulkId, location } of results) ids.set(bulkId, String(location).split('/').at(-1) ?? '');
  }
  return ids;
}
