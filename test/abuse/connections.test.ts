import { expect, it } from 'vitest';
import { user } from '../support/scim/client.ts';
import { type Line, openLine, refusedFor } from '../support/scim/line.ts';
import { countBy, startStage, TOKEN, tell, watchHealth } from './stage.ts';

const IDLE = 2_500;
const BUSY = 1_000;
/** On a connection that is kept: Node accepts one new one in each turn of its loop, whatever we do. */
const HEALTH_MS = 2_000;
/** Megabytes. */
const MEMORY = 350;

function request(scim: string, name: string): string {
  const body = JSON.stringify(user(name));
  return `POST ${new URL(scim).pathname}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

it('a thousand requests at once are all answered, beside thousands of connections that say nothing', async () => {
  const { usher, scim, send } = await startStage();
  const before = usher.memory().now;
  const health = watchHealth({ usher });
  const idle: Line[] = [];
  for (let each = 0; each < IDLE; each += 1) {
    const line = await openLine(usher.url);
    idle.push(line);
    if (each % 2 === 0) line.write('GET /healthz HTTP/1.1\r\n');
  }
  const dripping = setInterval(() => {
    for (const [each, { socket, write }] of idle.entries()) {
      if (each % 2 === 0 && !socket.destroyed) write('X: 1\r\n');
    }
  }, 1_000);

  const lines = await Promise.all(Array.from({ length: BUSY }, () => openLine(usher.url)));
  const began = performance.now();
  for (const [index, { write }] of lines.entries()) write(request(scim, `u${index}`));
  const answers = await Promise.all(lines.map(({ until }) => until(/\r\n\r\n.*\}$/s)));
  const ms = Math.round(performance.now() - began);

  clearInterval(dripping);
  const waits = await health.stop();
  const statuses = countBy(answers.map((text) => text.slice(9, 12)));
  const ended = idle.filter(({ socket }) => socket.destroyed).length;
  const { totalResults } = (await send('GET', '/Users?count=0')).body;
  const memory = { before, ...usher.memory() };
  const refused = await refusedFor(usher.url, 'connections');
  tell('connections', { idle: IDLE, ended, busy: BUSY, statuses, ms, health: waits, memory, refused });
  for (const { socket } of [...idle, ...lines]) socket.destroy();
  for (const text of answers) expect(text).toMatch(/^HTTP\/1.1 201 |^HTTP\/1.1 503 .*^retry-after: 5\r$/ims);
  expect(totalResults).toBe(statuses['201']);
  expect(totalResults).toBeGreaterThanOrEqual(64);
  expect(ended).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  expect(waits.kept.count).toBeGreaterThan(10);
  expect(waits.kept.p99).toBeLessThan(HEALTH_MS);
  expect(memory.peak).toBeLessThan(MEMORY);
});
