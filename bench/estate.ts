import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceId, SourceId } from '../src/directory/resource.ts';
import { type RoomAlias, type RoomId, type UserId, userId } from '../src/matrix/ids.ts';
import { record } from '../src/simulator/room.ts';
import { createWorld, type World } from '../src/simulator/world.ts';
import { filling } from './filling.ts';
import { personOf } from './stock.ts';

/** How many there are; each user is in `each` of the groups, and each group opens one room. */
export type EstateSize = { readonly users: number; readonly rooms: number; readonly each: number };

/** A directory and a homeserver that agree with each other, as long after the first sync. */
export type Estate = {
  readonly world: World;
  readonly bot: UserId;
  readonly token: string;
  readonly rooms: readonly RoomId[];
  readonly groups: readonly ResourceId[];
  readonly people: readonly ResourceId[];
  readonly accountOf: (index: number) => UserId;
  /** The group map. */
  readonly map: Readonly<Record<string, readonly string[]>>;
};

type Filled = Pick<Estate, 'people' | 'groups'>;

const SERVER = 'example.com';
const SOURCE = 'default' as SourceId;

/** Which groups somebody is in: far apart, so that no two rooms have the same people. */
function groupsOf(index: number, { rooms, each }: EstateSize): readonly number[] {
  const step = Math.floor(rooms / each) - 3;
  return Array.from({ length: each }, (_, turn) => (index + turn * step) % rooms);
}

/** Fills a folder in one transaction, and a world of the simulator with the same people. */
export async function createEstate(dataDir: string, size: EstateSize): Promise<Estate> {
  const world = createWorld({ serverName: SERVER, now: Date.now });
  const bot = world.register('usher', { admin: true });
  world.limits.lift(bot);
  const rooms = Array.from({ length: size.rooms }, (_, index) =>
    world.createRoom(bot, { alias: aliasOf(index), name: `Room ${index}` }),
  );
  const accountOf = (index: number): UserId => userId(personOf(index, size.users).userName, SERVER);
  const members = Array.from({ length: size.rooms }, (): number[] => []);
  for (let index = 0; index < size.users; index += 1) {
    const account = accountOf(index);
    const person = personOf(index, size.users);
    world.putAccount(account, {
      displayName: person.displayName,
      externalIds: [{ provider: 'oidc-idp', id: person.externalId }],
      threepids: person.emails.map(({ value }) => ({ medium: 'email', address: value })),
    });
    for (const group of groupsOf(index, size)) {
      members[group]?.push(index);
      const room = world.rooms.get(rooms[group] ?? ('' as RoomId));
      if (room !== undefined) record(room, { userId: account, membership: 'join', sender: account });
    }
  }
  const filled = kept(dataDir) ?? (await fillFolder(dataDir, size, rooms, members, accountOf));
  writeFileSync(join(dataDir, LIST), JSON.stringify(filled));
  const { people, groups } = filled;
  const map = Object.fromEntries(rooms.map((_, index) => [`gid-${index}`, [aliasOf(index)]]));
  return { world, bot, token: world.logIn(bot), rooms, groups, people, accountOf, map };
}

function fillFolder(
  dataDir: string,
  size: EstateSize,
  rooms: readonly RoomId[],
  members: readonly (readonly number[])[],
  accountOf: (index: number) => UserId,
): Promise<Filled> {
  return filling(dataDir, async (stores) => {
    const now = Date.now();
    const people: ResourceId[] = [];
    const groups: ResourceId[] = [];
    for (let index = 0; index < size.users; index += 1) {
      const person = personOf(index, size.users);
      const { id } = await stores.users.create(SOURCE, person, now);
      people.push(id);
      await stores.people.saveLink({
        userId: id,
        account: accountOf(index),
        externalId: person.externalId,
        email: person.emails[0]?.value,
        restriction: undefined,
        isConfirmed: true,
        inactiveSince: undefined,
        photo: undefined,
        avatar: undefined,
        isAdmin: false,
      });
    }
    for (const [index, indices] of members.entries()) {
      const attributes = { displayName: `Group ${index}`, externalId: `gid-${index}` };
      const group = { attributes, members: indices.map((each) => people[each] ?? '') };
      const { id } = await stores.groups.create(SOURCE, group, now);
      groups.push(id);
      for (const each of indices) {
        await stores.people.saveEntitlement({
          account: accountOf(each),
          roomId: rooms[index] ?? ('' as RoomId),
          state: 'joined',
          mode: 'granted',
          via: [id],
          since: now,
        });
      }
    }
    return { people, groups };
  });
}

const LIST = 'estate.json';

/** What was filled before, if it was. */
function kept(dataDir: string): Filled | undefined {
  const list = join(dataDir, LIST);
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : undefined;
}

function aliasOf(index: number): RoomAlias {
  return `#room${index}:${SERVER}` as RoomAlias;
}
