import { describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId, SourceId } from '../../src/directory/resource.ts';
import { createFeed, LONGEST_MS } from '../../src/events/feed.ts';
import { securityEventOf } from '../../src/events/security-event.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { createPost } from '../../src/webhooks/post.ts';
import { createEventPush } from '../../src/webhooks/push-event.ts';
import { claimsIn, EVENTS_SECRET, eventReceiver } from '../support/event-receiver.ts';
import { tempDir } from '../support/temp-dir.ts';

const IDP = 'idp' as SourceId;
const NOW = Date.UTC(2026, 10, 22);
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** A directory that is changed, a receiver, and a time that passes when a test says so. */
async function stage() {
  const to = await eventReceiver();
  const folder = tempDir();
  const state = {
    at: NOW,
    troubles: [] as (string | undefined)[],
    dropped: [] as number[],
    faults: {} as Partial<EventStore>,
  };
  const now = (): number => state.at;
  const open = () => {
    const store = openStore(folder);
    store.events.record(['join'], now);
    const push = createEventPush({
      url: to.url,
      secret: EVENTS_SECRET,
      post: createPost({ timeoutMs: 300 }),
    });
    const events = new Proxy(store.events, {
      get: (real, name: keyof EventStore) => state.faults[name] ?? real[name],
    });
    const feed = createFeed({
      ...{ events, now, random: () => 0 },
      send: (event) =>
        push(securityEventOf(event, { issuer: 'https://usher.test/scim/v2', audience: to.url })),
      onTrouble: (reason) => state.troubles.push(reason),
      onDropped: (count) => state.dropped.push(count),
    });
    return { store, feed };
  };
  let running = open();
  onTestFinished(() => running.store.close());
  return {
    ...{ to, state },
    get store() {
      return running.store;
    },
    get feed() {
      return running.feed;
    },
    /** Nothing of it is told to the feed that was running. */
    async restart() {
      await running.store.close();
      running = open();
    },
    user: (userName: string) => running.store.users.create(IDP, { userName, externalId: userName }, state.at),
    rename: (id: ResourceId, title: string) =>
      running.store.users.update(IDP, id, ({ attributes }) => ({ ...attributes, title }), state.at),
    async pass(ms: number, step = MINUTE) {
      for (const end = state.at + ms; state.at < end; ) {
        state.at = Math.min(end, state.at + step);
        await running.feed.flush();
      }
    },
    of: (id: ResourceId) =>
      to
        .told()
        .filter(({ sub_id }) => sub_id.uri === `/Users/${id}`)
        .map(({ events }) => Object.keys(events)[0]?.split(':').slice(-2).join(':')),
    seqs: () => to.told().map(({ seq }) => seq),
    left: async () => (await running.store.events.next(100_000)).length,
  };
}

describe('the change feed', () => {
  it('tells each change as a signed Security Event Token', async () => {
    const { to, feed, user, store, left } = await stage();
    const { id } = await user('ann');
    await store.users.update(IDP, id, ({ attributes }) => ({ ...attributes, active: false }), NOW);
    await store.journal.append({
      ...{ at: NOW, action: 'join', outcome: 'done', detail: '', cause: undefined, userId: id },
      ...{ account: '@ann/x:usher.test' as never, roomId: '!eng:usher.test' as never },
    });
    await store.users.remove(IDP, id, NOW);
    await feed.flush();
    const common = {
      ...{ iss: 'https://usher.test/scim/v2', aud: to.url, iat: NOW / 1000, toe: NOW / 1000 },
      ...{ jti: expect.stringMatching(/^[0-9a-f]{32}$/), txn: expect.any(String) },
    };
    const sub_id = { format: 'scim', uri: `/Users/${id}`, externalId: 'ann' };
    const prov = 'urn:ietf:params:scim:event:prov';
    expect(to.told()).toHaveLength(4);
    expect(to.told()).toEqual(
      expect.arrayContaining([
        {
          ...common,
          ...{ seq: 1, sub_id },
          events: { [`${prov}:create:notice`]: { attributes: ['userName', 'externalId'], version: 'W/"1"' } },
        },
        {
          ...common,
          ...{ seq: 2, sub_id },
          events: {
            [`${prov}:put:notice`]: { attributes: ['active'], version: 'W/"2"' },
            [`${prov}:deactivate`]: {},
          },
        },
        {
          ...common,
          ...{ seq: 3, sub_id: { format: 'uri', uri: 'matrix:u/ann%2Fx:usher.test' } },
          events: {
            'urn:matrix-usher:event:homeserver:join': {
              ...{ account: '@ann/x:usher.test', room: '!eng:usher.test', user: `/Users/${id}` },
            },
          },
        },
        { ...common, seq: 4, sub_id, events: { [`${prov}:delete`]: {} } },
      ]),
    );
    expect(to.taken[0]?.headers).toMatchObject({
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
    });
    expect(await left()).toBe(0);
  });

  it('keeps the order of each resource, also with a receiver that is slow', async () => {
    const { to, feed, user, rename, of } = await stage();
    const ids = [];
    for (let index = 0; index < 8; index += 1) ids.push((await user(`u${index}`)).id);
    for (const title of ['a', 'b', 'c']) for (const id of ids) await rename(id, title);
    to.state.delayMs = 20;
    await feed.flush();
    for (const id of ids) {
      expect(of(id)).toEqual(['create:notice', ...Array(3).fill('put:notice')]);
      const seqs = to.told().filter(({ sub_id }) => sub_id.uri.endsWith(id));
      expect(seqs.map(({ seq }) => seq)).toEqual(seqs.map(({ seq }) => seq).toSorted((a, b) => a - b));
    }
  });

  it('tells all of it to a receiver that fails and comes back, and waits longer and longer', async () => {
    const { to, state, feed, user, rename, of, left, pass } = await stage();
    const { id } = await user('ann');
    to.state.answer = 503;
    await feed.flush();
    await pass(HOUR, SECOND);
    expect(to.asked.length).toBeGreaterThan(5);
    expect(to.asked.length).toBeLessThan(25);
    expect(feed.trouble()).toBe('it answers 503');
    await rename(id, 'a');
    await rename(id, 'b');
    expect(await left()).toBe(3);
    to.state.answer = 202;
    await pass(11 * MINUTE);
    expect(of(id)).toEqual(['create:notice', 'put:notice', 'put:notice']);
    expect(state.troubles).toEqual(['it answers 503', undefined]);
    expect(new Set(to.asked.map(({ body }) => claimsIn(body).jti)).size).toBe(3);
    expect(await left()).toBe(0);
  });

  it.each([
    ['break', 'no answer (ECONNRESET)'],
    [undefined, 'no answer (ETIMEDOUT)'],
    [401, 'it answers 401'],
    [302, 'it answers 302'],
  ] as const)('loses nothing when the answer is %s', async (answer, reason) => {
    const { to, feed, user, left, pass } = await stage();
    await user('ann');
    to.state.answer = answer;
    await feed.flush();
    expect([feed.trouble(), await left()]).toEqual([reason, 1]);
    to.state.answer = 202;
    await pass(MINUTE);
    expect([feed.trouble(), await left(), to.told().length]).toEqual([undefined, 0, 1]);
  });

  it('waits as long as the receiver asks', async () => {
    const { to, feed, user, pass } = await stage();
    await user('ann');
    Object.assign(to.state, { answer: 429, headers: { 'retry-after': '1800' } });
    await feed.flush();
    await pass(29 * MINUTE);
    expect(to.asked).toHaveLength(1);
    to.state.answer = 200;
    await pass(2 * MINUTE);
    expect(to.told()).toHaveLength(1);
  });

  it('tells of others while one event is refused, and what follows it of that resource later', async () => {
    const { to, feed, user, rename, of, pass } = await stage();
    const ann = await user('ann');
    to.state.answer = 400;
    await feed.flush();
    to.state.answer = 202;
    const bob = await user('bob');
    await rename(ann.id, 'a');
    await feed.flush();
    expect([of(ann.id), of(bob.id)]).toEqual([[], ['create:notice']]);
    expect(feed.trouble()).toBe('it answers 400');
    await pass(MINUTE);
    expect(of(ann.id)).toEqual(['create:notice', 'put:notice']);
    expect(feed.trouble()).toBeUndefined();
  });

  it('sends nothing of a resource past an event that was refused', async () => {
    const { to, feed, user, rename, of, pass } = await stage();
    const { id } = await user('ann');
    await rename(id, 'a');
    to.state.first = [400];
    await feed.flush();
    expect(of(id)).toEqual([]);
    await pass(MINUTE);
    expect(of(id)).toEqual(['create:notice', 'put:notice']);
  });

  it('does not ask again and again a receiver that refuses everything', async () => {
    const { to, feed, user, pass } = await stage();
    for (let index = 0; index < 200; index += 1) await user(`u${index}`);
    to.state.answer = 400;
    await feed.flush();
    expect(to.asked.length).toBeLessThan(10);
    await pass(HOUR, SECOND);
    expect(to.asked.length).toBeLessThan(200);
    to.state.answer = 202;
    await pass(30 * MINUTE, SECOND);
    expect(to.told()).toHaveLength(200);
  });

  it('goes on after a restart, and what may have arrived comes with the same id', async () => {
    const scene = await stage();
    const { to, user, pass } = scene;
    await user('ann');
    await user('bob');
    to.state.answer = 503;
    await scene.feed.flush();
    await scene.restart();
    to.state.answer = 202;
    await pass(SECOND);
    expect(scene.seqs().toSorted()).toEqual([1, 2]);
    const ids = to.asked.map(({ body }) => claimsIn(body)).map(({ seq, jti }) => `${seq} ${jti}`);
    expect(new Set(ids).size).toBe(2);
    expect(ids.length).toBeGreaterThan(2);
  });

  it('tells nothing twice while the database can not be written, and goes on when it can', async () => {
    const scene = await stage();
    const { to, user, seqs, pass } = scene;
    await user('ann');
    let attempts = 0;
    scene.state.faults = {
      async remove() {
        attempts += 1;
        throw new Error('disk is full');
      },
    };
    await expect(scene.feed.flush()).rejects.toThrow('disk is full');
    await expect(pass(MINUTE)).rejects.toThrow('disk is full');
    expect(attempts).toBeLessThan(5);
    scene.state.faults = {};
    await user('bob');
    await pass(HOUR);
    expect(seqs()).toEqual([1, 2]);
    expect(to.asked).toHaveLength(2);
    expect(await scene.left()).toBe(0);
  });

  it('keeps a week for a receiver that is away, says what it drops, and leaves a gap in the numbers', async () => {
    const { to, state, user, pass, seqs, feed } = await stage();
    to.state.answer = 503;
    await user('ann');
    state.at += 3 * 24 * HOUR;
    await user('bob');
    await pass(LONGEST_MS - 2 * 24 * HOUR, HOUR);
    expect(state.dropped).toEqual([1]);
    to.state.answer = 202;
    await pass(HOUR);
    await user('cem');
    await feed.flush();
    expect(seqs()).toEqual([2, 3]);
  });
});
