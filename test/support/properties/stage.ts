import { join } from 'node:path';
import Database from 'better-sqlite3';
import { vi } from 'vitest';
import { createEngine } from '../../../src/cli/engine.ts';
import { loadConfig } from '../../../src/config/config.ts';
import type { ResourceId, SourceId } from '../../../src/directory/resource.ts';
import type { RoomAlias, RoomId, UserId } from '../../../src/matrix/ids.ts';
import { parseGroupMap } from '../../../src/plan/group-map-parse.ts';
import type { Loop } from '../../../src/reconcile/loop.ts';
import { tellOutages } from '../../../src/reconcile/outage.ts';
import { Refusal } from '../../../src/simulator/refusal.ts';
import { openStore } from '../../../src/store/sqlite/open-store.ts';
import { decideNow } from '../decide.ts';
import { startSimulated } from '../homeserver/simulated.ts';
import { envFor, IDP } from '../usher.ts';
import { createDirectory, sourceOf } from './directory.ts';
import { type MapPlan, ROOMS, type RunEvent, SPACE, type Story, type WorldEvent } from './story.ts';
import { CHOSEN_CHILD, current, entriesOf, modeOf, type Place, type View, viewOf } from './views.ts';
import { createWatch, LIMITS } from './watch.ts';
import { createLife, faulty, Killed, storeOf } from './wrappers.ts';

const MINUTE = 60_000;

/** A world in which a story happens, with an Usher in it. */
export async function createStage(folder: string, { limit, concurrency, map: firstMap, groups }: Story) {
  const simulated = await startSimulated({ via: 'port' });
  const { world, bot } = simulated;
  const store = openStore(folder, { backupsKept: 0 });
  const directory = createDirectory();
  const { passages } = world;
  const account = (person: number): UserId => `@p${person}:${world.serverName}` as UserId;
  const owner = world.register('owner');
  const strangers = ['s0', 's1'].map((name) => world.register(name));
  const guarded = [world.register('safe'), world.register('root', { admin: true })];
  const robot = world.register('_bridge_x', { appservice: true });
  for (const each of [owner, ...strangers, ...guarded, robot]) world.limits.lift(each);
  const versions = ['11', '12', '12', '11', '11'];
  const places: Place[] = versions.map((version, number) => ({
    ids: [
      world.createRoom(owner, {
        version,
        alias: aliasOf(number),
        isSpace: number === SPACE,
        joinRule: number === 2 ? 'public' : 'invite',
      }),
    ],
    lostAt: undefined,
    isChild: number === 4 || number === 1,
  }));
  for (const [number, { isChild }] of places.entries()) if (isChild) setChild(number, true);
  let map = firstMap;
  let previous = firstMap;
  let views: View[] = [];
  let loop: Loop | undefined;
  let life = createLife(undefined);
  let users = 0;
  let wasWhole = false;
  let course: RunEvent = {
    do: 'run',
    pass: true,
    fresh: true,
    faults: [],
    crashAt: undefined,
    during: undefined,
  };

  function aliasOf(room: number): RoomAlias {
    return `#r${room}:usher.test` as RoomAlias;
  }
  function setChild(room: number, isOn: boolean): void {
    const space = current(places[SPACE] as Place);
    for (const child of (places[room] as Place).ids) {
      const content = isOn && child === current(places[room] as Place) ? { via: [world.serverName] } : {};
      passages.putState(owner, space, 'm.space.child', child, content);
    }
  }

  const watch = createWatch({
    world,
    store,
    bot,
    directory,
    limit,
    views: () => views,
    personOf(id) {
      const [, person] = /^@p(\d+):/.exec(id) ?? [];
      return person === undefined ? undefined : Number(person);
    },
    replacedBy(roomId) {
      const place = places.find(({ ids }) => ids.includes(roomId));
      return place === undefined || current(place) === roomId ? undefined : current(place);
    },
    isGuarded: (id) =>
      id === owner || guarded.includes(id) || world.accounts.get(id)?.admin === true || id === robot,
  });

  /** To be called when the map or the rooms may have changed. */
  const gentle = new Set<RoomId>();
  const restructured = (): void => {
    const next = viewOf(map, places);
    const last = views.at(-1);
    for (const place of places) {
      for (const roomId of place.ids) {
        watch.knownRooms.add(roomId);
        if (modeOf(next, roomId) === 'additive') gentle.add(roomId);
        if (last !== undefined && modeOf(last, roomId) === modeOf(next, roomId)) continue;
        for (const key of [...watch.rejected]) if (key.endsWith(` ${roomId}`)) watch.rejected.delete(key);
      }
    }
    views.push(next);
  };
  restructured();

  const idsOf = (g: number, who: readonly number[]): readonly ResourceId[] =>
    who.flatMap((p) => (directory.users[sourceOf(g)].get(p)?.id as ResourceId | undefined) ?? []);
  const attributesOf = (p: number, isActive: boolean, name: number) => ({
    userName: `p${p}`,
    externalId: `x${p}`,
    displayName: `Person ${p} ${name}`,
    active: isActive,
  });
  const changeUser = async (p: number, source: 'idp' | 'hr') => {
    const user = directory.users[source].get(p);
    if (user === undefined) return;
    const attributes = attributesOf(p, user.isActive, user.name);
    await store.users.update(source as SourceId, user.id, () => attributes, Date.now());
  };
  const changeMembers = async (g: number, members: Parameters<typeof memberChange>[0]) => {
    const group = directory.groups.get(g);
    if (group === undefined) return;
    await store.groups.update(
      sourceOf(g) as SourceId,
      group.id,
      () => ({
        attributes: { displayName: group.name, externalId: `g${g}` },
        members: memberChange(members),
      }),
      Date.now(),
    );
  };
  const memberChange = (
    members: readonly { readonly kind: 'add' | 'remove' | 'replace'; readonly values: readonly string[] }[],
  ) => members;

  const provider = async (event: WorldEvent): Promise<void> => {
    switch (event.do) {
      case 'create': {
        const source = event.hr ? 'hr' : 'idp';
        if (directory.users[source].has(event.p)) return;
        users += 1;
        const id = `user-${users}-p${event.p}` as ResourceId;
        directory.users[source].set(event.p, { id, isActive: true, name: 0 });
        await store.users.create(source as SourceId, attributesOf(event.p, true, 0), Date.now(), id);
        return;
      }
      case 'delete': {
        const source = event.hr ? 'hr' : 'idp';
        const user = directory.users[source].get(event.p);
        if (user === undefined) return;
        directory.users[source].delete(event.p);
        for (const [g, { people }] of directory.groups) if (sourceOf(g) === source) people.delete(event.p);
        await store.users.remove(source as SourceId, user.id, Date.now());
        return;
      }
      case 'on':
      case 'off': {
        const source = event.hr ? 'hr' : 'idp';
        const user = directory.users[source].get(event.p);
        if (user !== undefined) user.isActive = event.do === 'on';
        return changeUser(event.p, source);
      }
      case 'rename': {
        const source = event.hr ? 'hr' : 'idp';
        const user = directory.users[source].get(event.p);
        if (user !== undefined) user.name = event.name;
        return changeUser(event.p, source);
      }
      case 'makeGroup': {
        if (directory.groups.has(event.g)) return;
        users += 1;
        const id = `group-${users}-g${event.g}` as ResourceId;
        const there = event.who.filter((p) => directory.users[sourceOf(event.g)].has(p));
        directory.groups.set(event.g, { id, people: new Set(there), inner: new Set(), name: `G${event.g}` });
        const attributes = { displayName: `G${event.g}`, externalId: `g${event.g}` };
        const group = { attributes, members: idsOf(event.g, there) };
        await store.groups.create(sourceOf(event.g) as SourceId, group, Date.now(), id);
        return;
      }
      case 'deleteGroup': {
        const group = directory.groups.get(event.g);
        if (group === undefined) return;
        directory.groups.delete(event.g);
        for (const { inner } of directory.groups.values()) inner.delete(event.g);
        await store.groups.remove(sourceOf(event.g) as SourceId, group.id, Date.now());
        return;
      }
      case 'renameGroup': {
        const group = directory.groups.get(event.g);
        if (group === undefined) return;
        group.name = group.name === `G${event.g}` ? `H${event.g}` : `G${event.g}`;
        return changeMembers(event.g, []);
      }
      case 'add':
      case 'remove': {
        const group = directory.groups.get(event.g);
        const there = event.who.filter((p) => directory.users[sourceOf(event.g)].has(p));
        if (group === undefined || there.length === 0) return;
        for (const p of there) {
          if (event.do === 'add') group.people.add(p);
          else group.people.delete(p);
        }
        return changeMembers(event.g, [{ kind: event.do, values: idsOf(event.g, there) }]);
      }
      case 'replace': {
        const group = directory.groups.get(event.g);
        if (group === undefined) return;
        const there = event.who.filter((p) => directory.users[sourceOf(event.g)].has(p));
        group.people.clear();
        for (const p of there) group.people.add(p);
        group.inner.clear();
        return changeMembers(event.g, [{ kind: 'replace', values: idsOf(event.g, there) }]);
      }
      case 'nest':
      case 'unnest': {
        const [group, inner] = [directory.groups.get(event.g), directory.groups.get(event.inner)];
        if (group === undefined || inner === undefined || event.g === event.inner) return;
        if (sourceOf(event.g) !== sourceOf(event.inner)) return;
        if (event.do === 'nest') group.inner.add(event.inner);
        else group.inner.delete(event.inner);
        return changeMembers(event.g, [{ kind: event.do === 'nest' ? 'add' : 'remove', values: [inner.id] }]);
      }
    }
  };

  const people = async (event: WorldEvent): Promise<void> => {
    const roomId = 'r' in event ? current(places[event.r] as Place) : ('' as RoomId);
    const who = 'p' in event ? account(event.p) : ('' as UserId);
    const exists = world.accounts.get(who) !== undefined;
    const free = exists && !world.accounts.get(who)?.locked && !world.accounts.get(who)?.deactivated;
    world.limits.lift(who);
    switch (event.do) {
      case 'leave':
        if (free) passages.leave(who, roomId);
        return;
      case 'rejoin':
        if (!free) return;
        if (watch.membership(roomId, who)?.membership !== 'invite') passages.invite(owner, roomId, who);
        passages.join(who, roomId);
        return;
      case 'invite':
      case 'kick':
      case 'ban':
      case 'unban':
        if (exists) passages[event.do](owner, roomId, who);
        return;
      case 'promote': {
        if (!exists) return;
        const room = world.rooms.get(roomId);
        const content =
          room?.statements.findLast(({ type }) => type === 'm.room.power_levels')?.content ?? {};
        const levels = { ...content, users: { ...watch.levelsIn(roomId), [who]: event.level } };
        passages.putState(owner, roomId, 'm.room.power_levels', '', levels);
        watch.touched.add(watch.at(who, roomId));
        watch.rejected.delete(watch.keyOf('lower', who, roomId));
        return;
      }
      case 'stranger':
      case 'guarded':
      case 'robot': {
        const ids = event.do === 'stranger' ? strangers : event.do === 'guarded' ? guarded : [robot];
        for (const id of ids) {
          passages.invite(owner, roomId, id);
          passages.join(id, roomId);
        }
        return;
      }
      case 'remote':
        return world.admitRemote('@far:remote.test' as UserId, roomId);
      case 'kickBot':
        return passages.kick(owner, roomId, bot);
      case 'demoteBot': {
        const room = world.rooms.get(roomId);
        if (room?.version !== '12') return;
        const content = room.statements.findLast(({ type }) => type === 'm.room.power_levels')?.content ?? {};
        const { [bot]: _, ...rest } = watch.levelsIn(roomId);
        return passages.putState(owner, roomId, 'm.room.power_levels', '', { ...content, users: rest });
      }
      case 'upgrade': {
        const place = places[event.r] as Place;
        const before = watch.levelsIn(roomId);
        const next = world.upgradeRoom(owner, roomId, '12');
        place.ids.push(next);
        for (const id of Object.keys(before)) watch.touched.add(watch.at(id as UserId, next));
        return restructured();
      }
      case 'loseAlias':
        (places[event.r] as Place).lostAt ??= roomId;
        return restructured();
      case 'giveAlias':
        (places[event.r] as Place).lostAt = undefined;
        return restructured();
      case 'child':
        if (event.r === SPACE) return;
        setChild(event.r, event.on);
        (places[event.r] as Place).isChild = event.on;
        return restructured();
      case 'signUp':
        if (exists) return;
        world.putAccount(who, {
          displayName: `Person ${event.p} 0`,
          externalIds: [{ provider: IDP, id: `x${event.p}` }],
        });
        return;
      case 'lock':
      case 'unlock':
        if (exists) world.putAccount(who, { locked: event.do === 'lock' });
        if (event.do === 'lock') {
          locked.add(event.p);
          watch.rejected.delete(watch.keyOf('restrict', who, undefined));
        }
        return;
      case 'nickname':
        if (exists) world.putAccount(who, { displayName: 'Nick' });
        return;
      case 'makeAdmin':
        if (exists) world.putAccount(who, { admin: true });
        return;
    }
  };
  const locked = new Set<number>();

  const admin = async (event: WorldEvent): Promise<void> => {
    switch (event.do) {
      case 'map':
      case 'emptyMap':
      case 'oldMap': {
        const next =
          event.do === 'map' ? event.map : event.do === 'emptyMap' ? { ...map, entries: [] } : previous;
        if (map.entries.length > 0) previous = map;
        map = next;
        restructured();
        loop?.requestPass();
        return;
      }
      case 'decide': {
        const scopes = (await store.guard.holds()).map(({ scope }) => scope);
        const scope = scopes[event.which % Math.max(1, scopes.length)];
        if (scope !== undefined) await decide(scope, event.approve ? 'approved' : 'rejected');
        return;
      }
      case 'wait':
        return pass(event.minutes);
      case 'forget': {
        const db = new Database(join(folder, 'usher.db'));
        db.exec('DELETE FROM work');
        db.close();
        return;
      }
    }
  };

  const pass = (minutes: number): void => {
    vi.setSystemTime(Date.now() + minutes * MINUTE);
  };

  /** As `usher approve` does. */
  const decide = async (scope: string, verdict: 'approved' | 'rejected'): Promise<void> => {
    const held = (await store.guard.held()).filter((row) => row.scope === scope && row.verdict === undefined);
    const affected = await decideNow(store, scope, verdict);
    await store.work.mark(
      affected.flatMap(({ people }) => people),
      'removal',
      Date.now(),
      verdict,
    );
    for (const row of held) {
      const key = watch.keyOf(row.kind, row.account, row.roomId);
      if (verdict === 'rejected') watch.rejected.add(key);
    }
    loop?.requestReview();
  };

  const happen = async (event: WorldEvent): Promise<void> => {
    try {
      await provider(event);
      await people(event);
      await admin(event);
    } catch (error) {
      // What a homeserver refuses does not happen.
      if (!(error instanceof Refusal)) throw error;
    }
    watch.look();
  };

  const text = (plan: MapPlan): string => {
    const rules: Record<string, object[]> = {};
    for (const { group, byName, room, byId, undone, level, children } of entriesOf(plan)) {
      const key = group === '*' ? '*' : byName ? `name:G${group}` : `g${group}`;
      const name = byId ? (places[room] as Place).ids[0] : aliasOf(room);
      rules[key] = [
        ...(rules[key] ?? []),
        {
          room: name,
          mode: plan.modes[room],
          ...(undone && { leave: 'undone' }),
          ...(level !== undefined && { powerLevel: level }),
          ...(room === SPACE &&
            children !== 'none' && { children: children === 'all' ? 'all' : [aliasOf(CHOSEN_CHILD)] }),
        },
      ];
    }
    return JSON.stringify(rules);
  };

  const begin = async (): Promise<Loop> => {
    const { percent, count } = LIMITS[limit];
    const env = envFor(simulated, folder, {
      GROUP_MAP_FILE: '',
      IDP_GROUP_TO_ROOM: '{}',
      PROTECTED_USERS: `${owner},${guarded[0]}`,
      REMOVAL_LIMIT_PERCENT: String(percent),
      REMOVAL_LIMIT_COUNT: String(count),
      MATRIX_CONCURRENCY: String(concurrency),
    });
    const { config } = loadConfig({ env, readFile: () => '' });
    const own = createLife(course.crashAt);
    life = own;
    // One wrapper for the life of the engine, whose course changes from run to run.
    const homeserver = new Proxy(simulated.homeserver, {
      get: (_, name) => Reflect.get(access, name),
    });
    const ignore = () => {};
    return createEngine({
      config,
      store: storeOf(store, own, async (path, [first]) => {
        // What is decided from here on is decided by what is so.
        if (path === 'guard.take' || path === 'work.isCurrent') watch.race(false);
        if (path === 'guard.take') await watch.onTake(first as Parameters<typeof watch.onTake>[0]);
      }),
      homeserver: tellOutages(homeserver),
      map: () => parseGroupMap(text(map)),
      listener: {
        changed: ignore,
        found: ignore,
        held: ignore,
        paused: ignore,
        resumed: ignore,
        passed: () => {
          wasWhole = true;
        },
        postponed: ignore,
        crashed: (error) => {
          if (!(error instanceof Killed))
            watch.wrong(`crashed: ${error instanceof Error ? error.stack : error}`);
        },
      },
    });
  };
  const watched = watch.homeserver({
    ...simulated.homeserver,
    async resolveAlias(alias) {
      const isLost = places.some(({ lostAt }, room) => lostAt !== undefined && alias === aliasOf(room));
      return isLost ? undefined : simulated.homeserver.resolveAlias(alias);
    },
  });
  let access = watched;

  /** Resolves with whether a whole pass was made, with nothing in its way. */
  const run = async (event: RunEvent): Promise<boolean> => {
    course = event;
    const isFresh = event.fresh || loop === undefined || event.crashAt !== undefined;
    // With several at once, it would always be between a look and a change.
    const during = concurrency === 1 ? event.during : undefined;
    const onRead = async (reads: number): Promise<void> => {
      if (during !== undefined && reads === during.call) {
        await happen(during.event);
        watch.race(true);
      }
    };
    const changesBefore = watch.changes.length;
    const holdsBefore = (await store.guard.holds()).length + (await store.guard.held()).length;
    wasWhole = false;
    if (isFresh) loop = await begin().catch(ifKilled);
    else if (event.pass) loop?.requestPass();
    access = faulty(watched, { faults: event.faults, crashAt: event.crashAt, onRead }, life);
    await loop?.runOnce();
    // A process that was killed leaves nothing behind but what is on disk.
    if (event.crashAt !== undefined) loop = undefined;
    const isClean =
      wasWhole && event.faults.length === 0 && event.crashAt === undefined && during === undefined;
    const present = views.at(-1) as View;
    if (isClean) {
      views = [present];
      if (present.isCertain) await watch.onWhole();
    }
    watch.look();
    // A hold that ends has its rooms looked at once more; and what was rejected ends when she is removed.
    if (isClean && holdsBefore === 0 && limit === 'none')
      checkLevelWrites(watch.changes.slice(changesBefore));
    return isClean;
  };

  const ifKilled = (error: unknown): undefined => {
    if (!(error instanceof Killed)) throw error;
  };

  const checkLevelWrites = (changes: readonly string[]): void => {
    const writes = changes.filter((change) => change.startsWith('levels '));
    if (new Set(writes).size < writes.length) watch.wrong(`several writes of levels: ${writes.join(', ')}`);
  };

  // Everybody is there at first.
  for (let p = 0; p < 6; p += 1) await happen({ do: 'create', p, hr: false });
  for (const [g, who] of groups.entries()) await happen({ do: 'makeGroup', g, who });

  return {
    world,
    store,
    bot,
    directory,
    places,
    watch,
    locked,
    account,
    strangers,
    happen,
    run,
    decide,
    pass,
    view: () => views.at(-1) as View,
    /** Whether it ever was additive. */
    wasGentle: (roomId: RoomId) => gentle.has(roomId),
    close: () => store.close(),
    rooms: ROOMS,
  };
}

export type Stage = Awaited<ReturnType<typeof createStage>>;
