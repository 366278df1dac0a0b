import type { Homeserver, Membership } from '../../../src/matrix/homeserver.ts';
import { type RoomId, serverNameOf, type UserId } from '../../../src/matrix/ids.ts';
import type { World } from '../../../src/simulator/world.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Directory } from './directory.ts';
import type { Story } from './story.ts';
import { everybody, modeOf, type Terms, termsFor, type View } from './views.ts';

const HOUR = 3_600_000;
const GENTLE = ['restored', 'imported', 'map', 'empty'];

export const LIMITS: Readonly<Record<Story['limit'], { readonly percent: number; readonly count: number }>> =
  {
    none: { percent: 100, count: 0 },
    one: { percent: 0, count: 1 },
    third: { percent: 34, count: 1 },
  };

type Taken = { readonly scope: string; readonly at: number; readonly key: string };

type Deps = {
  readonly world: World;
  readonly store: Store;
  readonly bot: UserId;
  readonly directory: Directory;
  /** What the map meant since the last whole pass, the newest last. */
  readonly views: () => readonly View[];
  readonly personOf: (account: UserId) => number | undefined;
  /** Rooms that were replaced, with what they are today. */
  readonly replacedBy: (roomId: RoomId) => RoomId | undefined;
  readonly limit: Story['limit'];
  readonly isGuarded: (account: UserId) => boolean;
};

const keyOf = (kind: string, account: UserId, roomId: RoomId | undefined): string =>
  `${kind} ${account} ${roomId ?? ''}`;

/** Sees all that the bot does, and says what it must not have done. */
export function createWatch(deps: Deps) {
  const { world, store, bot, directory, views, personOf } = deps;
  const faultsFound: string[] = [];
  const changes: string[] = [];
  /** Entitled at some moment, and not let go of since; by room and account. */
  const everEntitled = new Set<string>();
  /** Was in by Usher's doing or knowledge, and did not leave since. */
  const owned = new Set<string>();
  /** Was in at the end of a whole pass, and may have left since; was entitled all the time, and free to leave. */
  const settled = new Set<string>();
  /** Out of it and not entitled at the end of a whole pass. */
  const lapsed = new Set<string>();
  const touched = new Set<string>();
  const rejected = new Set<string>();
  const letThrough = new Set<string>();
  const taken: Taken[] = [];
  const sizes = new Map<string, number>();

  const at = (account: UserId, roomId: RoomId): string => `${roomId} ${account}`;
  const wrong = (text: string): void => void faultsFound.push(text);

  const termsIn = (view: View, account: UserId, roomId: RoomId): Terms | undefined => {
    const person = personOf(account);
    return person === undefined ? undefined : termsFor(view, directory, person, roomId);
  };

  const membership = (roomId: RoomId, account: UserId) => world.rooms.get(roomId)?.members.get(account);

  /** Not approved ones are counted against the limits. */
  const count = async (kind: 'kick' | 'restrict' | 'lower', account: UserId, roomId: RoomId | undefined) => {
    const key = keyOf(kind, account, roomId);
    if (rejected.has(key)) wrong(`made what was rejected: ${key}`);
    const row = (await store.guard.held()).find(
      (each) => keyOf(each.kind, each.account, each.roomId) === key,
    );
    if (row?.verdict === 'approved') return;
    if (!letThrough.delete(key)) wrong(`made without asking: ${key}`);
    const scopes =
      kind === 'restrict'
        ? ['accounts']
        : kind === 'lower'
          ? [`levels:${roomId}`]
          : [`room:${roomId}`, 'total'];
    for (const scope of scopes) {
      taken.push({ scope, at: Date.now(), key });
      const lately = taken.filter((each) => each.scope === scope && each.at > Date.now() - HOUR);
      const { percent, count: few } = LIMITS[deps.limit];
      if (percent >= 100) continue;
      const different = new Set(lately.map((each) => each.key)).size;
      // Those who had it within the hour, at most.
      const most = (sizes.get(scope) ?? 0) + different;
      if (different > Math.max(few, Math.floor((most * percent) / 100))) {
        wrong(`above the limit of ${scope}: ${different} of ${most} in an hour, the last was ${key}`);
      }
    }
  };

  const onKick = async (
    roomId: RoomId,
    account: UserId,
    was: Membership | undefined,
    sender: UserId | undefined,
  ) => {
    const what = `kick of ${account} from ${roomId}`;
    const present = views();
    const isEntitled = present.every((view) => termsIn(view, account, roomId) !== undefined);
    if (isEntitled && !isRacing) wrong(`${what}, who is entitled`);
    if (was !== 'join' && !(was === 'invite' && sender === bot))
      wrong(`${what}, who was ${was} by ${sender}`);
    const modes = present.map((view) => modeOf(view, roomId));
    if (modes.every((mode) => mode === 'additive')) wrong(`${what}, which is additive`);
    if (account === bot) wrong('the bot kicked itself');
    if (serverNameOf(account) !== world.serverName) wrong(`${what}, who is of another server`);
    if (deps.isGuarded(account)) wrong(`${what}, who is protected`);
    if (!modes.includes('exclusive') && !everEntitled.has(at(account, roomId)))
      wrong(`${what}, who never was entitled`);
    const next = deps.replacedBy(roomId);
    if (next !== undefined && present.every((view) => modeOf(view, next) !== undefined)) {
      wrong(`${what}, which was replaced by a room of the map`);
    }
    await count('kick', account, roomId);
  };

  const onJoin = (
    roomId: RoomId,
    account: UserId,
    was: Membership | undefined,
    sender: UserId | undefined,
  ): void => {
    const what = `join of ${account} to ${roomId}`;
    const present = views();
    const terms = present.map((view) => termsIn(view, account, roomId));
    if (terms.every((each) => each === undefined) && !isRacing) wrong(`${what}, who is not entitled`);
    if (was === 'ban') wrong(`${what}, who is banned`);
    if (was === 'leave' && sender !== bot && sender !== account) wrong(`${what}, whom ${sender} removed`);
    if (was === 'leave' && sender === account && settled.has(at(account, roomId))) wrong(`${what}, who left`);
    if (deps.isGuarded(account)) wrong(`${what}, who is protected`);
    owned.add(at(account, roomId));
    if (terms.some((each) => each !== undefined)) everEntitled.add(at(account, roomId));
    measure();
  };

  const levelsIn = (roomId: RoomId): Readonly<Record<string, number>> => {
    const room = world.rooms.get(roomId);
    const content = room?.statements.findLast(({ type }) => type === 'm.room.power_levels')?.content.users;
    return (content ?? {}) as Record<string, number>;
  };

  const onLevels = async (roomId: RoomId, before: Readonly<Record<string, number>>) => {
    const after = levelsIn(roomId);
    measure();
    for (const account of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<UserId>) {
      const [was, is] = [before[account] ?? 0, after[account] ?? 0];
      if (was === is) continue;
      if (account === bot) wrong(`the bot changed its own level in ${roomId} from ${was} to ${is}`);
      // Who is not in the room has no use of a level: nobody is asked.
      else if (is < was && membership(roomId, account)?.membership === 'join') {
        await count('lower', account, roomId);
      }
    }
  };

  const homeserver = (inner: Homeserver): Homeserver => ({
    ...inner,
    async kick(roomId, account, reason) {
      const before = membership(roomId, account);
      await inner.kick(roomId, account, reason);
      if (membership(roomId, account) === before) return;
      changes.push(`kick ${account} ${roomId}`);
      await onKick(roomId, account, before?.membership, before?.sender);
    },
    async join(roomId, account) {
      const before = membership(roomId, account);
      await inner.join(roomId, account);
      if (before?.membership === 'join') return;
      changes.push(`join ${account} ${roomId}`);
      onJoin(roomId, account, before?.membership, before?.sender);
    },
    async takeRoom(roomId) {
      await inner.takeRoom(roomId);
      changes.push(`take ${roomId}`);
    },
    async setPowerLevels(roomId, levels) {
      const before = levelsIn(roomId);
      await inner.setPowerLevels(roomId, levels);
      changes.push(`levels ${roomId}`);
      await onLevels(roomId, before);
    },
    async restrict(account, restriction) {
      const was = world.accounts.get(account);
      await inner.restrict(account, restriction);
      changes.push(`${restriction} ${account}`);
      if (deps.isGuarded(account)) wrong(`${restriction} of ${account}, who is protected`);
      const person = personOf(account);
      const isActive = person === undefined || directory.isActive(person);
      if (isActive && !isRacing) wrong(`${restriction} of ${account}, who is active`);
      if (was?.locked === false) await count('restrict', account, undefined);
    },
    async unrestrict(account, restriction) {
      await inner.unrestrict(account, restriction);
      changes.push(`un${restriction} ${account}`);
    },
    async createAccount(account, profile) {
      await inner.createAccount(account, profile);
      changes.push(`create ${account}`);
    },
    async updateAccount(account, update) {
      await inner.updateAccount(account, update);
      changes.push(`update ${account} ${JSON.stringify(update)}`);
    },
  });

  /** The size of what may be taken away, as large as it was within the story. */
  const measure = (): void => {
    const grow = (scope: string, size: number): void =>
      void sizes.set(scope, Math.max(size, sizes.get(scope) ?? 0));
    let total = 0;
    for (const roomId of knownRooms) {
      const joined = everybody.filter((person) => {
        const account = accountOf(person);
        return membership(roomId, account)?.membership === 'join' && everEntitled.has(at(account, roomId));
      }).length;
      total += joined;
      grow(`room:${roomId}`, joined);
      grow(`levels:${roomId}`, Object.keys(levelsIn(roomId)).length);
    }
    grow('total', total);
    grow(
      'accounts',
      everybody.filter((person) => world.accounts.get(accountOf(person)) !== undefined).length,
    );
  };

  /** Something happened while a change was under way: whether it was right is a matter of moments. */
  let isRacing = false;
  const knownRooms = new Set<RoomId>();
  const accountOf = (person: number): UserId => `@p${person}:${world.serverName}` as UserId;

  return {
    homeserver,
    changes,
    owned,
    touched,
    lapsed,
    rejected,
    everEntitled,
    at,
    levelsIn,
    membership,
    knownRooms,
    wrong,
    faultsFound,
    keyOf,
    /** A change was let through: nothing that it belongs to may be held. */
    async onTake({ kind, account, roomId }: { kind: string; account: UserId; roomId: RoomId | undefined }) {
      letThrough.add(keyOf(kind, account, roomId));
      const scopes =
        kind === 'restrict'
          ? ['accounts']
          : kind === 'lower'
            ? [`levels:${roomId}`]
            : [`room:${roomId}`, 'total'];
      for (const { scope } of await store.guard.holds()) {
        if ([...GENTLE, ...scopes].includes(scope))
          wrong(`let ${keyOf(kind, account, roomId)} through while ${scope} is held`);
      }
    },
    /** To be called after everything that happens. */
    look(): void {
      const present = views();
      const now = present.at(-1) as View;
      for (const roomId of knownRooms) {
        for (const person of everybody) {
          const account = accountOf(person);
          const where = at(account, roomId);
          const terms = termsFor(now, directory, person, roomId);
          const state = membership(roomId, account);
          if (present.some((view) => termsFor(view, directory, person, roomId) !== undefined)) {
            everEntitled.add(where);
          }
          if (terms !== undefined) {
            rejected.delete(keyOf('kick', account, roomId));
          } else settled.delete(where);
          if (terms?.undone === true) settled.delete(where);
          if (state?.membership !== 'join') {
            owned.delete(where);
            rejected.delete(keyOf('kick', account, roomId));
          } else lapsed.delete(where);
          if (terms?.level !== undefined || state?.membership !== 'join') {
            rejected.delete(keyOf('lower', account, roomId));
          }
        }
      }
      for (const person of everybody) {
        if (directory.isActive(person)) rejected.delete(keyOf('restrict', accountOf(person), undefined));
      }
      measure();
    },
    /** A whole pass ended, and all that came of it was done. */
    async onWhole(): Promise<void> {
      const [now] = views().slice(-1) as [View];
      const held = new Set((await store.guard.held()).map((row) => keyOf(row.kind, row.account, row.roomId)));
      for (const roomId of knownRooms) {
        for (const person of everybody) {
          const account = accountOf(person);
          const where = at(account, roomId);
          const terms = termsFor(now, directory, person, roomId);
          const isIn = membership(roomId, account)?.membership === 'join';
          if (terms !== undefined && isIn) {
            owned.add(where);
            if (!terms.undone) settled.add(where);
          }
          if (terms === undefined && !held.has(keyOf('kick', account, roomId))) {
            everEntitled.delete(where);
            if (!isIn) lapsed.add(where);
          }
        }
      }
    },
    race(isOn: boolean): void {
      isRacing = isOn;
    },
  };
}
