import { expect, it } from 'vitest';
import { user } from '../support/scim/client.ts';
import { linesOf, openLine, refusedFor } from '../support/scim/line.ts';
import { startStage, tell, watchHealth } from './stage.ts';

const CONNECTIONS = 20;
/** Requests that are sent in one go. */
const BATCH = 50;
const MS = 6_000;
/** Megabytes. */
const MEMORY = 350;

it('a flood of wrong tokens costs little, and the right one is served from the same address', async () => {
  const { usher, scim, send } = await startStage();
  const path = new URL(scim).pathname;
  const guess = `GET ${path}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n`.repeat(BATCH);
  let isOver = false;
  let answered = 0;
  const flood = async (): Promise<void> => {
    const line = await openLine(usher.url);
    let left = BATCH;
    line.socket.on('data', (chunk) => {
      const answers = chunk.toString('latin1').split('HTTP/1.1 ').length - 1;
      answered += answers;
      left -= answers;
      if (left > 0 || isOver) return;
      left = BATCH;
      line.write(guess);
    });
    line.write(guess);
    await line.ended;
  };
  const health = watchHealth({ usher });
  const began = performance.now();
  const flooding = Array.from({ length: CONNECTIONS }, flood);
  const waits: number[] = [];
  while (performance.now() - began < MS) {
    const sent = performance.now();
    expect((await send('POST', '/Users', user(`u${waits.length}`))).status).toBe(201);
    waits.push(performance.now() - sent);
  }
  isOver = true;
  const healthWaits = await health.stop();
  const aSecond = Math.round((answered * 1000) / (performance.now() - began));
  const [tokens, throttled] = [
    await refusedFor(usher.url, 'token'),
    await refusedFor(usher.url, 'throttled'),
  ];
  const memory = usher.memory();
  const lines = linesOf(usher.log(), 'requests refused');
  const logged = usher
    .log()
    .split('\n')
    .filter((line) => line.includes('"status":401')).length;
  tell('wrong tokens', {
    answered,
    aSecond,
    tokens,
    throttled,
    rightOnes: waits.length,
    slowestRightOne: Math.round(Math.max(...waits)),
    health: healthWaits,
    memory,
    lines: lines.length,
  });
  await usher.end();
  await Promise.all(flooding);
  // Thirty, and one each two seconds.
  expect(tokens).toBeLessThanOrEqual(30 + MS / 2_000 + 2);
  expect(tokens + throttled).toBeGreaterThanOrEqual(answered);
  expect(aSecond).toBeGreaterThan(1_000);
  expect(waits.length).toBeGreaterThan(20);
  expect([lines.length, logged]).toEqual([2, 0]);
  const told = linesOf(usher.log(), 'requests refused').map(({ times }) => Number(times));
  expect(told.reduce((sum, times) => sum + times)).toBe(tokens + throttled);
  expect(memory.peak).toBeLessThan(MEMORY);
});
