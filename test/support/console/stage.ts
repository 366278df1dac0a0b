import type { Scope } from '../../../src/access/token.ts';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import { localpartOf, type RoomAlias } from '../../../src/matrix/ids.ts';
import { openStoreBeside } from '../../../src/store/sqlite/open-store.ts';
import { type SimulatedUnderTest, startSimulated } from '../homeserver/simulated.ts';
import { type Env, startUsher, type UsherUnderTest } from '../usher.ts';

export type Stage = {
  readonly usher: UsherUnderTest;
  readonly simulated: SimulatedUnderTest;
  /** The SCIM ids of the people, by user name, and of the groups, by name. */
  readonly ids: Readonly<Record<string, string>>;
  /** Makes a token and returns its secret. */
  readonly issue: (name: string, scope: Scope) => Promise<string>;
};

type StageOptions = {
  readonly env?: Env;
  /** Then nothing is wrong. */
  readonly isWell?: boolean;
};

const PEOPLE = {
  ann: 'Ann Ant',
  bob: 'Bob Bee',
  cem: 'Cem Crane',
  dee: 'Dee Deer',
  eva: 'Eva Elk',
  fay: 'Fay Finch',
  gus: 'Gus Gull',
  hal: 'Hal Hare',
  ida: 'Ida Ibis',
  jon: 'Jon Jay',
} as const;

const ENGINEERS = ['ann', 'bob', 'cem', 'eva', 'fay', 'gus', 'hal'] as const;

/**
 * A small company on the real service: everybody is in #lobby and the engineers are in #eng, one of them by a group inside
 * theirs. Unless all is to be well, Dee's account is somebody's already, #ghost is no room, and one group opens nothing.
 */
export async function startStage({ env = {}, isWell = false }: StageOptions = {}): Promise<Stage> {
  const simulated = await startSimulated();
  const owner = await simulated.person('mod');
  for (const name of ['lobby', 'eng', 'leads']) await owner.createRoom({ name, alias: name });
  if (!isWell) await simulated.person('dee');
  const usher = await startUsher(
    simulated,
    {
      'name:Engineering': '#eng:usher.test',
      'name:Leads': [{ room: '#leads:usher.test', powerLevel: 50 }, ...(isWell ? [] : ['#ghost:usher.test'])],
      '*': '#lobby:usher.test',
    },
    { env: { REMOVAL_LIMIT_COUNT: '2', REMOVAL_LIMIT_PERCENT: '20', ...env } },
  );
  const { provider } = usher;
  const ids: Record<string, string> = {};
  for (const [userName, displayName] of Object.entries(PEOPLE)) {
    const email = `${userName}@example.com`;
    ids[userName] = await provider.createUser({ userName, displayName, email });
  }
  const members = (...names: readonly string[]) => names.map((name) => ids[name] ?? '');
  ids.Interns = await provider.createGroup('Interns', 'ext-interns', members('hal'));
  const engineers = [...members(...ENGINEERS.filter((name) => name !== 'hal')), ids.Interns];
  ids.Engineering = await provider.createGroup('Engineering', 'ext-eng', engineers);
  ids.Leads = await provider.createGroup('Leads', 'ext-leads', members('ida'));
  ids.Chess = await provider.createGroup('Chess club', 'ext-chess', members('jon', 'ida'));
  await usher.resync();
  const issue = async (name: string, scope: Scope): Promise<string> => {
    const store = openStoreBeside(usher.dataDir);
    try {
      const desk = createTokenDesk({ store, who: 'test', now: Date.now });
      const request = { name, scopes: [scope], source: 'default', networks: [], expires: undefined };
      return (await desk.create(request)).secret;
    } finally {
      await store.close();
    }
  };
  return { usher, simulated, ids, issue };
}

/** Who is in a room on the homeserver, by local part. */
export function membersOf({ simulated: { world, bot } }: Stage, alias: string): readonly string[] {
  const roomId = world.rooms.resolve(`#${alias}:usher.test` as RoomAlias);
  const members = roomId === undefined ? undefined : world.rooms.get(roomId)?.members;
  if (members === undefined) throw new Error(`there is no room #${alias}`);
  return [...members]
    .filter(([user, { membership }]) => membership === 'join' && user !== bot)
    .map(([user]) => localpartOf(user))
    .sort();
}

/** Four engineers leave their group at once, which is more than the guard lets through. */
export async function dismiss({ usher, ids }: Stage): Promise<void> {
  const gone = ['cem', 'eva', 'fay', 'gus'].map((name) => ids[name] ?? '');
  await usher.provider.removeMembers(ids.Engineering ?? '', ...gone);
  await usher.resync();
}
