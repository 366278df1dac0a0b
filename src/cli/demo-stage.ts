import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { loadConfig } from '../config/config.ts';
import { createTokenDesk } from '../desk/tokens.ts';
import { createLog } from '../log.ts';
import { localpartOf, type RoomAlias, type RoomId, type UserId } from '../matrix/ids.ts';
import { serveSynapseApi } from '../simulator/serve.ts';
import { createSynapseApi } from '../simulator/synapse-api.ts';
import { createWorld, type World } from '../simulator/world.ts';
import { openStoreBeside } from '../store/sqlite/open-store.ts';
import { type Service, startService } from './service.ts';
import { readFile, type Terminal } from './terminal.ts';

export const SERVER_NAME = 'example.com';
export const TOKEN = 'the-secret-of-the-demo';
export const ROOMS = ['lobby', 'engineering', 'management', 'offsite'] as const;
export type RoomName = (typeof ROOMS)[number];

/** Group names stand for the external ids that a real provider would send. */
export const GROUP_MAP = `{
  // Everybody who is active
  "*": "#lobby:${SERVER_NAME}",
  "name:Engineering": ["#engineering:${SERVER_NAME}", "#offsite:${SERVER_NAME}"],
  "name:Management": ["#management:${SERVER_NAME}", "#offsite:${SERVER_NAME}"]
}
`;

/** A simulated homeserver with four rooms, a moderator who made them, and a real Usher beside it. */
export type Stage = {
  readonly world: World;
  readonly service: Service;
  /** Who is in a room, without the moderator and the bot, by localpart. */
  readonly inRoom: (room: RoomName) => readonly string[];
  readonly roomId: (room: RoomName) => RoomId;
  /** Whose account is locked, by localpart. */
  readonly locked: () => readonly string[];
  /** What a command of an admin prints. */
  readonly ask: (command: (terminal: Terminal) => Promise<unknown>) => Promise<string>;
  /** The secret of a token with which an admin signs in. */
  readonly adminToken: () => Promise<string>;
  readonly close: () => Promise<void>;
};

export async function setStage({ env }: Terminal): Promise<Stage> {
  const world = createWorld({ serverName: SERVER_NAME, now: Date.now });
  const bot = world.register('usher', { admin: true });
  const moira = world.register('moira');
  const rooms = new Map(ROOMS.map((name) => [name, world.createRoom(moira, { name, alias: aliasOf(name) })]));
  const served = await serveSynapseApi(createSynapseApi(world));
  const folder = mkdtempSync(join(tmpdir(), 'usher-demo-'));
  const groupMap = join(folder, 'group-map.jsonc');
  writeFileSync(groupMap, GROUP_MAP);
  const settings = {
    LOG_LEVEL: env.LOG_LEVEL ?? 'silent',
    PORT: env.PORT ?? '0',
    HOST: '127.0.0.1',
    WEBHOOK_SECRET: TOKEN,
    MATRIX_URL: served.url,
    MATRIX_SERVER_NAME: SERVER_NAME,
    MATRIX_ADMIN_USER_ID: bot,
    MATRIX_ADMIN_TOKEN: world.logIn(bot),
    IDP_NAME: 'oidc-demo',
    GROUP_MAP_FILE: groupMap,
    DATA_DIR: folder,
  };
  const { config } = loadConfig({ env: settings, readFile });
  const service = await startService(config, createLog(config.logLevel));
  const roomId = (name: RoomName): RoomId => rooms.get(name) ?? unknownRoom(name);
  return {
    world,
    service,
    roomId,
    inRoom: (name) => membersOf(world, roomId(name), [bot, moira]),
    locked: () =>
      world.accounts
        .all()
        .filter((account) => account.locked)
        .map((account) => localpartOf(account.userId)),
    async ask(command) {
      const output = new PassThrough();
      const errors = new PassThrough();
      await command({ env: settings, stdout: output, stderr: errors });
      output.end();
      return (await text(output)).trimEnd();
    },
    async adminToken() {
      const store = openStoreBeside(folder);
      try {
        const desk = createTokenDesk({ store, who: 'usher demo', now: Date.now });
        const request = { name: 'demo', scopes: ['admin'], source: 'default', networks: [] } as const;
        return (await desk.create({ ...request, expires: undefined })).secret;
      } finally {
        await store.close();
      }
    },
    async close() {
      await service.close();
      await served.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function membersOf(world: World, roomId: RoomId, staff: readonly UserId[]): readonly string[] {
  const members = world.rooms.get(roomId)?.members ?? new Map();
  return [...members]
    .filter(([userId, { membership }]) => membership === 'join' && !staff.includes(userId))
    .map(([userId]) => localpartOf(userId))
    .sort();
}

function aliasOf(name: RoomName): RoomAlias {
  return `#${name}:${SERVER_NAME}` as RoomAlias;
}

function unknownRoom(name: string): never {
  throw new TypeError(`the demo has no room ${name}`);
}
