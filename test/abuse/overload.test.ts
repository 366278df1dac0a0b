import { expect, it } from 'vitest';
import { bulk, user } from '../support/scim/client.ts';
import { openLine, refusedFor } from '../support/scim/line.ts';
import { countBy, startStage, TOKEN, tell, watchHealth } from './stage.ts';

const USERS = 1_000;
/** Requests at once, far more than may be in hand. */
const CONNECTIONS = 400;
const ON_EACH = 4;

it('of more requests than can be answered soon some are answered, the others told when to come again', async () => {
  const stage = await startStage();
  const { usher, send, scim } = stage;
  for (let first = 0; first < USERS; first += 100) {
    const operations = Array.from({ length: 100 }, (_, index) => {
      const name = `user-${first + index}`;
      return { method: 'POST', path: '/Users', bulkId: name, data: user(name) };
    });
    expect((await send('POST', '/Bulk', bulk(...operations))).status).toBe(200);
  }
  const health = watchHealth(stage);
  // No index answers this: all users are looked at.
  const path = `${new URL(scim).pathname}/Users?count=1&filter=nickName%20co%20%22nobody%22`;
  const search = `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
  const lines = await Promise.all(Array.from({ length: CONNECTIONS }, () => openLine(usher.url)));
  for (const { write } of lines) {
    write(`${`${search}\r\n`.repeat(ON_EACH - 1)}${search}Connection: close\r\n\r\n`);
  }
  const texts = await Promise.all(lines.map(({ ended }) => ended));
  const answers = texts.flatMap((each) =>
    [...each.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => String(status)),
  );
  const waits = await health.stop();
  const memory = usher.memory();
  const busy = await refusedFor(usher.url, 'busy');
  tell('overload', { requests: answers.length, answers: countBy(answers), busy, health: waits, memory });
  expect(answers.length).toBe(CONNECTIONS * ON_EACH);
  expect(Object.keys(countBy(answers)).sort()).toEqual(['200', '503']);
  expect(texts.join('').match(/^retry-after: 5\r$/gim)?.length).toBe(busy);
  expect(countBy(answers)['503']).toBe(busy);
  expect((await send('GET', '/Users?count=0')).body.totalResults).toBe(USERS);
  expect(waits.kept.count).toBeGreaterThan(10);
  expect(waits.kept.p99).toBeLessThan(2_000);
  expect(waits.anew.max).toBeLessThan(30_000);
  expect(memory.peak).toBeLessThan(400);
});
