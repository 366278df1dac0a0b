import { onTestFinished } from 'vitest';
import type { Attributes, ResourceId, SourceId } from '../../src/directory/resource.ts';
import type { Homeserver } from '../../src/matrix/homeserver.ts';
import { type RoomId, type UserId, userId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import type { OffboardingPolicy } from '../../src/plan/offboarding.ts';
import type { FoundRooms } from '../../src/plan/openings.ts';
import { createHouse } from '../../src/reconcile/house.ts';
import { createSurvey } from '../../src/reconcile/survey.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { AccountLink, Entitlement } from '../../src/store/store.ts';
import { startSimulated } from './homeserver/simulated.ts';
import { linkOf } from './people.ts';
import { tempDir } from './temp-dir.ts';

export const NOW = Date.UTC(2026, 0, 1);
const SERVER = 'usher.test';
const SOURCE = 'idp' as SourceId;

/** What a look at the rooms found them to be; see `House`. */
export type Condition = { readonly unread?: readonly RoomId[]; readonly retired?: readonly RoomId[] };
export type Someone = { readonly id: ResourceId; readonly account: UserId };

/** A directory in a real store. */
export function directoryDesk() {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const link = (id: ResourceId, account: UserId, rest: Partial<AccountLink> = {}) =>
    store.people.saveLink(linkOf(id, account, rest));
  const user = async (name: string, attributes: Attributes = {}): Promise<ResourceId> =>
    (await store.users.create(SOURCE, { userName: name, ...attributes }, NOW)).id;
  return {
    ...{ store, user, link },
    /** A user with an account of that name, or of the name given. */
    async person(
      name: string,
      attributes: Attributes = {},
      { account = userId(name, SERVER), ...rest }: Partial<AccountLink> = {},
    ): Promise<Someone> {
      const id = await user(name, attributes);
      await link(id, account, rest);
      return { id, account };
    },
    group: async (name: string, ...members: readonly ResourceId[]): Promise<ResourceId> =>
      (
        await store.groups.create(
          SOURCE,
          { attributes: { displayName: name, externalId: name }, members },
          NOW,
        )
      ).id,
    remove: (id: ResourceId) => store.users.remove(SOURCE, id, NOW),
    change: (id: ResourceId, attributes: Attributes) =>
      store.users.update(SOURCE, id, (user) => ({ ...user.attributes, ...attributes }), NOW),
    /** Takes somebody out of a group. */
    leave: (group: ResourceId, ...values: readonly ResourceId[]) =>
      store.groups.update(
        SOURCE,
        group,
        ({ attributes }) => ({ attributes, members: [{ kind: 'remove', values }] }),
        NOW,
      ),
    /** A map, with what its rooms are: those that it names by their ids, and these. */
    house(map: object, found: Partial<FoundRooms> = {}) {
      const parsed = parseGroupMap(JSON.stringify(map));
      const rooms = parsed.rules.flatMap(({ targets }) => targets.map(({ room }) => room));
      const ids = rooms.filter((room) => room.startsWith('!')) as RoomId[];
      const resolved = new Map<string, RoomId>([
        ...ids.map((id) => [id, id] as const),
        ...(found.resolved ?? []),
      ]);
      const children = found.children ?? new Map();
      const house = createHouse({ store, map: parsed, found: { resolved, children } });
      const learn = ({ unread = [], retired = [] }: Condition) =>
        house.learn({
          ...{ map: parsed, resolved, children, retired: new Set(retired), unread: new Set(unread) },
        });
      return { house, learn };
    },
  };
}

/** A survey over a real store and a simulated homeserver. The rooms are the bot's. */
export async function surveyDesk() {
  const desk = directoryDesk();
  const { store } = desk;
  const { homeserver, bot, person: actor } = await startSimulated({ via: 'port' });
  const owner = await actor('usher');
  const names = new Map<ResourceId, string>();
  return {
    ...{ ...desk, homeserver, owner, bot },
    async user(name: string, attributes: Attributes = {}) {
      const id = await desk.user(name, attributes);
      names.set(id, name);
      return id;
    },
    async person(...[name, attributes, link]: Parameters<typeof desk.person>): Promise<Someone> {
      const someone = await desk.person(name, attributes, link);
      names.set(someone.id, name);
      const profile = { displayName: undefined, externalId: undefined, email: undefined };
      if ((await homeserver.account(someone.account)) === undefined) {
        await homeserver.createAccount(someone.account, profile);
      }
      return someone;
    },
    /** What is written down about her in a room. */
    record: (account: UserId, roomId: RoomId, rest: Partial<Entitlement> = {}) =>
      store.people.saveEntitlement({
        ...{ account, roomId, state: 'joined', via: [], mode: 'granted', since: NOW, ...rest },
      }),
    /** Looks at everything once; who needs a look is told as lines. */
    async survey(
      map: object,
      options: {
        readonly found?: Partial<FoundRooms>;
        readonly unread?: readonly RoomId[];
        readonly policy?: Partial<OffboardingPolicy>;
        readonly faults?: Partial<Homeserver>;
        readonly signal?: AbortSignal;
      } = {},
    ) {
      const { house, learn } = desk.house(map, options.found);
      learn(options);
      const told: string[] = [];
      const rooms: RoomId[] = [];
      const survey = createSurvey({
        ...{ store, house, bot, readers: 2, now: () => NOW },
        homeserver: { ...homeserver, ...options.faults },
        policy: { onDeactivate: [], onDelete: [], ...options.policy },
        onRooms: (concerned) => rooms.push(...concerned),
      });
      const problems = await survey(async (people, urgency, { text, isDrift }) => {
        for (const id of people) {
          told.push(`${urgency} ${names.get(id)}: ${text}${isDrift ? ' (changed by somebody)' : ''}`);
        }
      }, options.signal ?? new AbortController().signal);
      return { problems, told, rooms };
    },
  };
}
