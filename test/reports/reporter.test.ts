import { describe, expect, it } from 'vitest';
import { createHearing } from '../../src/desk/heard.ts';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { type RoomAlias, type RoomId, userId } from '../../src/matrix/ids.ts';
import { holdsOf } from '../../src/plan/holds.ts';
import { HOUR, MINUTE, NOW, reportDesk, SECOND } from '../support/report-desk.ts';

const problem = (target: string) => ({ target, message: `${target} is not an alias of any room.` });
const pause = { kind: 'unavailable', message: 'no answer (ECONNREFUSED)', until: NOW + MINUTE } as const;
const ENG = '!eng:usher.test' as RoomId;

type Desk = Awaited<ReturnType<typeof reportDesk>>;

const hold = async ({ store }: Desk, names: readonly string[]): Promise<void> => {
  const scope = `room:${ENG}`;
  await store.guard.openHold({ scope, reason: 'half of #eng would be removed', since: NOW });
  await store.guard.hold(
    names.map((name) => ({
      ...{ kind: 'kick' as const, account: userId(name, 'usher.test'), roomId: ENG, scope, since: NOW },
      ...{ userId: undefined, detail: `remove ${name}`, cause: undefined, verdict: undefined },
    })),
  );
};

/** What is wrong with somebody in the end. */
const conflict = async ({ store, state }: Desk, userName: string): Promise<ResourceId> => {
  const { id } = await store.users.create('idp' as SourceId, { userName }, state.at);
  const urgencies = ['removal', 'small', 'bulk'] as const;
  const item = await store.work.next({ now: state.at, order: 'newest', urgencies, except: [] });
  if (item?.userId !== id) throw new Error('somebody else is next');
  await store.work.postpone(item, state.at + 30 * 24 * HOUR, { kind: 'conflict', message: 'is taken' });
  return id;
};

describe('reports in a room', () => {
  it('are silent while nothing is wrong, and leave the room alone', async () => {
    const desk = await reportDesk();
    await desk.pass(2 * HOUR, MINUTE);
    expect(await desk.said()).toEqual([]);
    expect((await desk.server.homeserver.joinedMembers(desk.room))?.size).toBe(1);
  });

  it('tell what is held, once it stays so, with the command that approves exactly that', async () => {
    const desk = await reportDesk();
    await hold(desk, ['ann', 'bob']);
    await desk.pass(9 * SECOND, SECOND);
    expect(await desk.said()).toEqual([]);
    await desk.pass(5 * SECOND, SECOND);
    const [told = '', ...more] = await desk.said();
    expect(more).toEqual([]);
    expect(told).toMatch(
      /^Held until somebody decides\n\n- half of #eng would be removed; waiting: 2 removals from 1 room: usher approve [0-9a-f]{8}$/,
    );
    await hold(desk, ['cem']);
    await desk.pass(9 * MINUTE);
    expect(await desk.said()).toHaveLength(1);
    await desk.pass(2 * MINUTE);
    const [, changed = ''] = await desk.said();
    expect(changed).toMatch(
      /Changed:\n- half of #eng would be removed; waiting: 3 removals .*usher approve [0-9a-f]{8}/,
    );
    expect(changed.slice(-8)).not.toBe(told.slice(-8));
    const [view] = holdsOf(await desk.store.guard.holds(), await desk.store.guard.heldCounts());
    expect(changed.slice(-8)).toBe(view?.digest);
  });

  it('tell many troubles of one kind in one message, and where the rest is', async () => {
    const desk = await reportDesk();
    desk.state.problems = Array.from({ length: 25 }, (_, index) => problem(`#r${index}:usher.test`));
    await desk.pass(HOUR, MINUTE);
    const said = await desk.said();
    expect(said).toHaveLength(1);
    expect(said[0]?.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(10);
    expect(said[0]).toContain('… and 15 more: usher check');
  });

  it('tell nothing again, also after a restart, and nothing is over before that is known', async () => {
    const desk = await reportDesk();
    desk.state.problems = [problem('#a:usher.test')];
    await conflict(desk, 'ann');
    await desk.pass(2 * MINUTE);
    expect(await desk.said()).toHaveLength(2);
    desk.restart();
    desk.state.lastPass = undefined;
    desk.state.problems = [];
    await desk.pass(HOUR, MINUTE);
    desk.state.problems = [problem('#a:usher.test')];
    desk.state.lastPass = {
      ...{ startedAt: 0, finishedAt: 0, marked: 0, drifted: 0 },
      problems: [],
      warnings: [],
    };
    await desk.pass(HOUR, MINUTE);
    expect(await desk.said()).toHaveLength(2);
  });

  it('tell when it is over, once', async () => {
    const desk = await reportDesk();
    desk.state.problems = [problem('#a:usher.test'), problem('#b:usher.test')];
    await desk.pass(MINUTE);
    desk.state.problems = [problem('#b:usher.test')];
    await desk.pass(20 * MINUTE);
    desk.state.problems = [];
    await desk.pass(3 * HOUR, MINUTE);
    const [, some = '', all = '', ...more] = await desk.said();
    expect(some).toContain('Rooms that can not be used\n\nCan be used again:\n- #a:usher.test');
    expect(some).toContain('As told before: 1: usher check');
    expect(all).toMatch(/^All rooms can be used again\n\n- #b:usher\.test/);
    expect(more).toEqual([]);
  });

  it('are never a flood: what comes and goes all the time is told every ten minutes', async () => {
    const desk = await reportDesk();
    for (let minute = 0; minute < 60; minute += 1) {
      desk.state.problems = minute % 2 === 0 ? [problem('#a:usher.test')] : [];
      await desk.pass(MINUTE);
    }
    expect((await desk.said()).length).toBeLessThanOrEqual(6);
    expect((await desk.said()).length).toBeGreaterThan(1);
  });

  it('go on when the clock was set back', async () => {
    const desk = await reportDesk();
    desk.state.problems = [problem('#a:usher.test')];
    await desk.pass(MINUTE);
    desk.restart();
    desk.state.at -= 400 * 24 * HOUR;
    desk.state.problems = [problem('#a:usher.test'), problem('#b:usher.test')];
    await desk.pass(MINUTE);
    expect(await desk.said()).toHaveLength(2);
  });

  it('tell of a long outage when it is over, with its times, and not of a short one', async () => {
    const desk = await reportDesk();
    desk.state.pause = pause;
    await desk.pass(4 * MINUTE);
    desk.state.pause = undefined;
    await desk.pass(20 * MINUTE);
    expect(await desk.said()).toEqual([]);
    desk.state.pause = pause;
    await desk.pass(2 * HOUR, MINUTE);
    desk.state.pause = undefined;
    await desk.pass(HOUR, MINUTE);
    const times = '2026-11-22 12:25 UTC to 2026-11-22 14:25 UTC';
    expect(await desk.said()).toEqual([
      `The homeserver answers again\n\nCame and went:\n- no answer (ECONNREFUSED) (${times})`,
    ]);
  });

  it('tell of a refused token, of a broken map and of a full disk', async () => {
    const desk = await reportDesk();
    desk.state.pause = { kind: 'unauthorised', message: '@usher is no admin', until: 0 };
    desk.state.databaseTrouble = 'the disk is full';
    desk.state.mapProblem = 'line 3, column 4: a comma is missing';
    await desk.pass(MINUTE);
    desk.state.pause = undefined;
    await desk.pass(SECOND);
    expect((await desk.said()).map((text) => text.split('\n')[0])).toEqual([
      'The database can not be used',
      "The homeserver takes the bot's token again",
      'The group map was not taken over; the last good one stays',
    ]);
  });

  it('tell of a provider of which nothing was heard for too long, and when it is heard again', async () => {
    const desk = await reportDesk();
    await desk.store.users.create('okta' as SourceId, { userName: 'ann' }, NOW);
    await desk.pass(20 * HOUR, MINUTE);
    expect(await desk.said()).toEqual([]);
    desk.state.silenceMs = 12 * HOUR;
    // While Usher itself was down nobody could be heard.
    desk.state.startedAt = NOW + 15 * HOUR;
    await desk.pass(MINUTE, SECOND);
    expect(await desk.said()).toEqual([]);
    desk.state.startedAt = NOW;
    await desk.pass(MINUTE, SECOND);
    expect(await desk.said()).toEqual([
      expect.stringMatching(
        /^Nothing was heard of a provider\n\n- okta sent nothing since 2026-11-22 12:00:00 UTC: see what/,
      ),
    ]);
    createHearing({ facts: desk.store.facts, onFault: () => expect.unreachable(), now: () => desk.state.at })(
      'okta' as SourceId,
    );
    await desk.pass(HOUR, MINUTE);
    expect((await desk.said()).at(-1)).toMatch(/^The providers are heard again/);
  });

  it('go on when nothing can be written down', async () => {
    const desk = await reportDesk();
    const full = async (): Promise<never> => {
      throw new Error('database or disk is full');
    };
    desk.state.storeFaults = { facts: { ...desk.store.facts, set: full } };
    desk.state.databaseTrouble = 'the disk is full';
    await desk.pass(HOUR, MINUTE);
    expect(await desk.said()).toEqual(['The database can not be used\n\n- the disk is full']);
    desk.state.storeFaults = {};
    desk.state.databaseTrouble = undefined;
    await desk.pass(HOUR, MINUTE);
    desk.restart();
    await desk.pass(HOUR, MINUTE);
    expect(await desk.said()).toHaveLength(2);
    expect(desk.state.unwritten.length).toBeGreaterThan(0);
  });

  it('are kept while the room lets nobody in, say what to do, and come together when it does', async () => {
    const desk = await reportDesk({ isUnnamed: true });
    desk.state.problems = [problem('#a:usher.test')];
    await desk.pass(20 * MINUTE);
    expect(desk.trouble()).toMatch(/No room has the alias of REPORT_ROOM\. Make the room/);
    expect(desk.troubles()).toHaveLength(1);
    desk.state.problems = [problem('#a:usher.test'), problem('#b:usher.test')];
    await conflict(desk, 'ann');
    await desk.pass(HOUR, MINUTE);
    desk.server.world.rooms.name('#reports:usher.test' as RoomAlias, desk.room);
    await desk.pass(11 * MINUTE);
    expect(desk.trouble()).toBeUndefined();
    const said = await desk.said();
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/#a:usher\.test .*\n- #b:usher\.test/);
    expect(said[1]).toContain('- ann: is taken');
  });

  it('say how the bot gets into a room where nobody can let it in', async () => {
    const desk = await reportDesk();
    const closed = new HomeserverError('refused', 'No local admin user in room');
    desk.state.faults = { takeRoom: async () => Promise.reject(closed) };
    desk.state.problems = [problem('#a:usher.test')];
    await desk.pass(MINUTE);
    expect(desk.trouble()).toMatch(/No local admin.*invite @usher:usher\.test and give it power 100/);
    desk.state.faults = {};
    await desk.pass(11 * MINUTE);
    expect(await desk.said()).toHaveLength(1);
  });

  it('follow the room when it is upgraded', async () => {
    const desk = await reportDesk();
    desk.state.target = desk.room;
    desk.restart();
    const next = await desk.owner.upgradeRoom(desk.room, '12');
    desk.state.problems = [problem('#a:usher.test')];
    await desk.pass(MINUTE);
    expect(await desk.owner.messages(next)).toHaveLength(1);
    expect(await desk.said()).toEqual([]);
  });

  it('arrive once though the answer to them was lost, also over a restart', async () => {
    const desk = await reportDesk();
    const { sendNotice } = desk.server.homeserver;
    desk.state.faults = {
      async sendNotice(...given) {
        await sendNotice(...given);
        throw new HomeserverError('failed', 'broke off');
      },
    };
    await desk.server.homeserver.takeRoom(desk.room);
    desk.state.problems = [problem('#a:usher.test')];
    await desk.pass(MINUTE);
    expect(desk.trouble()).toContain('broke off');
    desk.state.faults = {};
    desk.restart();
    desk.state.problems = [problem('#a:usher.test'), problem('#b:usher.test')];
    await desk.pass(HOUR, MINUTE);
    const said = await desk.said();
    expect(said.map((text) => text.match(/#[ab]:usher/g))).toEqual([['#a:usher'], ['#b:usher']]);
  });

  it('wait as long as a homeserver asks that has had enough', async () => {
    const desk = await reportDesk();
    let asked = 0;
    desk.state.faults = {
      async resolveAlias() {
        asked += 1;
        throw new HomeserverError('throttled', 'too many', { retryAfterMs: 30 * MINUTE });
      },
    };
    desk.state.problems = [problem('#a:usher.test')];
    await desk.pass(29 * MINUTE);
    expect(asked).toBe(1);
    desk.state.faults = {};
    await desk.pass(2 * MINUTE);
    expect(await desk.said()).toHaveLength(1);
  });
});

describe('the daily digest', () => {
  const entry = (action: string, outcome: 'done' | 'failed' | 'found') => ({
    ...{ at: NOW + HOUR, action, outcome, detail: '', cause: undefined },
    ...{ account: undefined, roomId: undefined, userId: undefined },
  });

  it('comes at eight when something happened, with what is still so', async () => {
    const desk = await reportDesk();
    await desk.look();
    for (const each of ['join', 'join', 'kick']) await desk.store.journal.append(entry(each, 'done'));
    await desk.store.journal.append(entry('join', 'failed'));
    desk.state.mapProblem = 'a comma is missing';
    await desk.pass(72 * HOUR, 10 * MINUTE);
    const digests = (await desk.said()).filter((text) => text.startsWith('From '));
    expect(digests).toHaveLength(1);
    const eight = new Date(NOW + 24 * HOUR).setHours(8, 0, 0, 0);
    const due = eight - 24 * HOUR > NOW ? eight - 24 * HOUR : eight;
    const until = new Date(due).toISOString().slice(0, 16).replace('T', ' ');
    expect(digests[0]).toBe(
      [
        `From 2026-11-22 12:00 UTC to ${until} UTC`,
        '',
        ...['- joined to rooms: 2', '- joined to rooms, refused or failed: 1', '- removed from rooms: 1', ''],
        ...['Still so:', '- The group map was not taken over; the last good one stays: 1: usher map check'],
      ].join('\n'),
    );
  });

  it('does not come when nothing did, and loses nothing while it can not be sent', async () => {
    const desk = await reportDesk({ isUnnamed: true });
    await desk.pass(48 * HOUR, HOUR);
    expect(desk.trouble()).toBeUndefined();
    await desk.store.journal.append({ ...entry('join', 'done'), at: desk.state.at });
    await desk.pass(48 * HOUR, HOUR);
    expect(desk.trouble()).toBeDefined();
    await desk.store.journal.append({ ...entry('join', 'done'), at: desk.state.at });
    desk.server.world.rooms.name('#reports:usher.test' as RoomAlias, desk.room);
    await desk.pass(HOUR, 10 * MINUTE);
    const said = await desk.said();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('- joined to rooms: 2');
  });
});
