import { z } from 'zod';
import type { OpenDesk } from '../../desk/desk.ts';
import { createRoomDescriber } from '../../desk/room-list.ts';
import { readRoomNow } from '../../desk/room-live.ts';
import { listEntitled, listOccupants, listRooms, roomNamed } from '../../desk/room-pages.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { pageIn, pageOf, pageQuery, searchText, shownPage } from './values.ts';

const state = z.enum(['granted', 'joined', 'left', 'kicked', 'banned']);
const power = z.union([z.number(), z.literal('creator')]).describe('`creator` stands above all levels');

const room = {
  target: z.string().describe('As the group map calls it'),
  roomId: z.string().optional().describe('None while no full pass has found it'),
  spaces: z.array(z.string()).readonly().describe('That it comes along with'),
  mode: z.string(),
  leave: z.string(),
  powerLevel: z.number().optional(),
  joined: z.number().describe('Recorded to be in by an entitlement'),
  groups: z.array(z.object({ key: z.string(), name: z.string().optional() })).readonly(),
  problems: z
    .array(z.string())
    .readonly()
    .describe('That the last full pass, or a look since then, had with it'),
};

const roomNow = z.discriminatedUnion('answers', [
  z.object({
    answers: z.literal(true),
    room: z
      .object({
        ...{ name: z.string().optional(), version: z.string(), joinRule: z.string() },
        ...{ isSpace: z.boolean(), isEncrypted: z.boolean(), joined: z.number() },
        botPower: power.optional().describe('None: the bot is not in it'),
      })
      .optional()
      .describe('None: the homeserver does not know it'),
    problems: z
      .array(
        z.object({
          ...{ level: z.enum(['warning', 'failure']), subject: z.string(), found: z.string() },
          ...{ meaning: z.string(), remedy: z.string() },
        }),
      )
      .readonly(),
  }),
  z.object({ answers: z.literal(false), reason: z.string() }),
]);

const person = {
  userName: z.string().optional(),
  displayName: z.string().optional(),
  record: state.optional().describe('What became of the entitlement'),
};

const entitled = z.object({
  ...{ scimId: z.string(), ...person, account: z.string().optional() },
  through: z.array(z.string()).readonly().describe('Groups by which she is to be in; `*` is everybody'),
  membership: z
    .enum(['join', 'invite', 'knock', 'leave', 'ban', 'none'])
    .optional()
    .describe('Now; none at all if the homeserver could not be asked'),
});

const occupant = z.object({
  ...{ account: z.string(), scimId: z.string().optional(), ...person },
  ...{ isEntitled: z.boolean(), isBot: z.boolean() },
  isRemote: z.boolean().describe('Of another homeserver'),
  power,
});

const found = {
  ...{ roomId: z.string(), alias: z.string().optional().describe('Its canonical alias') },
  name: z.string().optional(),
};

/** Rooms of the group map; any other room can be asked for by its alias or id. */
export function roomEndpoints({ open }: OpenDesk): readonly Endpoint[] {
  const about = { method: 'get', scope: 'admin:read', tag: 'Rooms' } as const;
  const byName = {
    params: z.object({ room: z.string().describe('Alias or id') }),
    query: pageQuery,
  } as const;
  return [
    endpoint({
      ...{ ...about, path: '/rooms', summary: 'List the rooms of the group map' },
      query: pageQuery.extend({ search: searchText.describe('A part of the alias or id') }),
      answer: pageOf(z.object(room)),
      handle: async ({ query }) =>
        shownPage(await listRooms(open(), { ...pageIn(query), search: query.search })),
    }),
    endpoint({
      ...{ ...about, path: '/homeserver/rooms', answer: z.object({ rooms: z.array(z.object(found)) }) },
      summary: 'Find any room of the homeserver: at most 20, those with most members first',
      query: z.strictObject({
        search: searchText.describe('A part of the name, the canonical alias, or the whole id'),
      }),
      async handle({ query }) {
        const rooms = await open().homeserver.findRooms(query.search ?? '');
        return {
          rooms: rooms.map(({ roomId, name, canonicalAlias }) => ({ roomId, name, alias: canonicalAlias })),
        };
      },
    }),
    endpoint({
      ...{ ...about, path: '/rooms/{room}', params: byName.params },
      summary: 'Show a room, how it is on the homeserver now, and what is wrong with it',
      answer: z.object({ ...room, now: roomNow }),
      async handle({ params }) {
        const desk = open();
        const found = await roomNamed(desk, params.room);
        const describe = await createRoomDescriber(desk.store);
        return { ...(await describe(found)), now: await readRoomNow(desk, found) };
      },
    }),
    endpoint({
      ...{ ...about, ...byName, path: '/rooms/{room}/people', answer: pageOf(entitled) },
      summary: 'List who is to be in a room, by which groups, and whether they are',
      async handle({ params, query }) {
        const desk = open();
        return shownPage(await listEntitled(desk, await roomNamed(desk, params.room), pageIn(query)));
      },
    }),
    endpoint({
      ...{ ...about, ...byName, path: '/rooms/{room}/members', answer: pageOf(occupant) },
      summary: 'List who is in a room now, with their power, and whether they are to be',
      async handle({ params, query }) {
        const desk = open();
        return shownPage(await listOccupants(desk, await roomNamed(desk, params.room), pageIn(query)));
      },
    }),
  ];
}
