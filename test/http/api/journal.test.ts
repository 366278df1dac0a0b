import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/store/store.ts';
import { apiStage, everyPage } from '../../support/api/stage.ts';

type Stage = Awaited<ReturnType<typeof apiStage>>;

const entry = (detail: string): JournalEntry => ({
  ...{ at: Date.now(), action: 'test', outcome: 'done', detail, cause: undefined },
  ...{ account: undefined, roomId: undefined, userId: undefined },
});

/** Opens the stream; `next` waits for the next event that is not a comment. */
async function follow({ url, token }: Pick<Stage, 'url' | 'token'>, lastEventId?: string) {
  const ending = new AbortController();
  const response = await fetch(`${url}/api/v1/journal/stream`, {
    signal: ending.signal,
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('the stream has no body');
  let text = '';
  const next = async (): Promise<{ readonly id: string; readonly data: { readonly detail: string } }> => {
    for (;;) {
      const [, id, data] = /id: (\d+)\nevent: entry\ndata: (.*)\n\n/.exec(text) ?? [];
      if (id !== undefined && data !== undefined) {
        text = text.slice(text.indexOf(data) + data.length);
        return { id, data: JSON.parse(data) };
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('the stream ended');
      text += value;
    }
  };
  const end = async (): Promise<void> => {
    for (let isOver = false; !isOver; ) isOver = (await reader.read()).done;
  };
  return { response, next, end, cut: () => ending.abort() };
}

describe('GET /journal', () => {
  it('lists what was done, the newest first, by what is asked for', async () => {
    const { call, eng, ann } = await apiStage();
    const all = await everyPage(call, '/journal', 3);
    expect(all.length).toBeGreaterThan(7);
    const times = all.map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
    const details = async (query: string) =>
      (await everyPage(call, `/journal?${query}`)).map(({ detail }) => detail);
    const joins = await details(`action=join&account=${encodeURIComponent('@ann:example.com')}`);
    expect(joins).toHaveLength(2);
    expect(await details(`account=${ann}&action=join`)).toEqual(joins);
    expect(await details(`room=${encodeURIComponent('#eng:example.com')}&action=join`)).toHaveLength(2);
    expect(all.filter(({ roomId }) => roomId === eng).length).toBeGreaterThan(1);
    expect(new Set(all.map(({ roomId, room }) => `${roomId === eng} ${room}`))).toEqual(
      new Set(['true #eng:example.com', 'false #lobby:example.com', 'false undefined']),
    );
    const tomorrow = encodeURIComponent(new Date(Date.now() + 86_400_000).toISOString());
    expect(await details(`since=${tomorrow}`)).toEqual([]);
    expect((await call('GET', '/journal?account=nobody')).status).toBe(404);
  });

  it('is exported whole, the oldest first', async () => {
    const stage = await apiStage();
    await stage.beside(async ({ journal }) => {
      for (let index = 0; index < 1200; index += 1) await journal.append(entry(`${index}\u2028`));
    });
    const response = await fetch(`${stage.url}/api/v1/journal/export?action=test`, {
      headers: { authorization: `Bearer ${stage.token}` },
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => Number.parseInt(JSON.parse(line).detail, 10))).toEqual(
      Array.from({ length: 1200 }, (_, index) => index),
    );
  });
});

describe('the stream of the journal', () => {
  it('sends what is appended, also by another process, and goes on where it was cut off', async () => {
    const stage = await apiStage();
    const first = await follow(stage);
    expect(first.response.headers.get('content-type')).toMatch(/^text\/event-stream\b/);
    expect(first.response.headers.get('cache-control')).toBe('no-store');
    await stage.beside(({ journal }) => journal.append(entry('one')));
    const one = await first.next();
    expect(one.data).toMatchObject({ detail: 'one', action: 'test', at: expect.stringMatching(/Z$/) });
    first.cut();
    await stage.beside(({ journal }) => journal.append(entry('two')));
    await stage.beside(({ journal }) => journal.append(entry('three')));
    const second = await follow(stage, one.id);
    expect([(await second.next()).data.detail, (await second.next()).data.detail]).toEqual(['two', 'three']);
    second.cut();
  });

  it('tells of what Usher does, as it does it', async () => {
    const stage = await apiStage();
    const stream = await follow(stage);
    await stage.provider.createUser({ userName: 'eve' });
    await stage.settle();
    const seen: string[] = [];
    for (let count = 0; count < 2; count += 1) seen.push((await stream.next()).data.detail);
    expect(seen.join()).toContain('@eve:example.com');
    stream.cut();
  });

  it('ends with the service, which does not wait for it', async () => {
    const stage = await apiStage();
    const stream = await follow(stage);
    const begin = performance.now();
    await Promise.all([stage.close(), stream.end()]);
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  it('keeps nobody else waiting, and has an end of those who follow', async () => {
    const stage = await apiStage();
    const streams = [];
    for (let count = 0; count < 50; count += 1) streams.push(await follow(stage));
    const one = await stage.call('GET', '/journal/stream');
    expect([one.status, one.body.detail]).toEqual([503, '50 follow the journal already: end one of them']);
    expect((await stage.call('GET', '/people')).status).toBe(200);
    for (const stream of streams) stream.cut();
    await expect
      .poll(
        async () => {
          const again = await follow(stage).catch(() => undefined);
          again?.cut();
          return again?.response.status;
        },
        { timeout: 5000 },
      )
      .toBe(200);
  }, 20_000);
});
