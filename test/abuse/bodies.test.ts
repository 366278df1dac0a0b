import { createGzip, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { group, user } from '../support/scim/client.ts';
import { openLine } from '../support/scim/line.ts';
import { countBy, type Stage, startStage, TOKEN, tell, watchHealth } from './stage.ts';

const MEGABYTE = 1_048_576;

function head({ scim }: Stage, headers: string): string {
  return `POST ${new URL(scim).pathname}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`;
}

/** What comes of a body that is written until the other side has had enough. */
async function endless(
  stage: Stage,
  headers: string,
  chunk: Buffer,
): Promise<{ text: string; sent: number }> {
  const line = await openLine(stage.usher.url);
  let sent = 0;
  const more = (): void => {
    while (!line.socket.destroyed) {
      sent += chunk.length;
      if (!line.socket.write(chunk)) return;
    }
  };
  line.write(head(stage, headers));
  line.socket.on('drain', more);
  more();
  return { text: await line.ended, sent };
}

/** Some megabytes that are gigabytes. */
async function bomb(megabytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const parts: Buffer[] = [];
  gzip.on('data', (part) => parts.push(part));
  for (let each = 0; each < megabytes; each += 1) gzip.write(Buffer.alloc(MEGABYTE, ' '));
  gzip.end();
  await new Promise((resolve) => gzip.on('end', resolve));
  return Buffer.concat(parts);
}

it('bodies without end, and bombs, are refused early and held by nobody', async () => {
  const stage = await startStage();
  const { usher, scim } = stage;
  const before = usher.memory().now;
  const health = watchHealth(stage);
  const chunk = Buffer.from(`100000\r\n${'x'.repeat(MEGABYTE)}\r\n`);
  const answers: string[] = [];
  let sent = 0;
  for (const headers of ['Transfer-Encoding: chunked', `Content-Length: ${10 ** 15}`]) {
    const results = await Promise.all(Array.from({ length: 8 }, () => endless(stage, headers, chunk)));
    for (const { text, sent: bytes } of results) {
      sent += bytes;
      answers.push(text === '' ? 'hung up' : text.slice(9, 12));
    }
  }
  const packed = await bomb(512);
  const unpacked = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const response = await fetch(`${scim}/Users`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${TOKEN}`,
          'Content-Type': 'application/json',
          'Content-Encoding': 'gzip',
        },
        body: packed,
      });
      return response.status;
    }),
  );
  const waits = await health.stop();
  const memory = { before, ...usher.memory() };
  const bombs = countBy(unpacked);
  tell('bodies', {
    endless: countBy(answers),
    sentMB: Math.round(sent / MEGABYTE),
    bombs,
    health: waits,
    memory,
  });
  expect(answers.length).toBe(16);
  expect(answers.filter((each) => !['413', '503', 'hung up'].includes(each))).toEqual([]);
  expect(answers.filter((each) => each === '413').length).toBeGreaterThan(0);
  expect(sent).toBeLessThan(16 * 128 * MEGABYTE);
  expect(bombs).toEqual({ 413: 20 });
  expect(Math.min(waits.kept.count, waits.anew.count)).toBeGreaterThan(10);
  expect(memory.peak).toBeLessThan(400);
});

it('a body that lies about its length harms nobody', async () => {
  const stage = await startStage();
  const sent = JSON.stringify(user('ann'));
  const long = await openLine(stage.usher.url);
  long.write(`${head(stage, `Content-Length: ${sent.length - 3}`)}${sent}`);
  expect(await long.ended).toMatch(/^HTTP\/1.1 400 /);
  const short = await openLine(stage.usher.url);
  short.write(`${head(stage, `Content-Length: ${sent.length + 3}`)}${sent}`);
  short.socket.end();
  await short.ended;
  expect((await stage.send('GET', '/Users?count=0')).body.totalResults).toBe(0);
});

it('a body of 16 MiB keeps nobody waiting, and many of them fill no memory', async () => {
  const stage = await startStage();
  const { usher, send } = stage;
  const members = Array.from({ length: 150_000 }, (_, index) => ({
    value: `m${index}-${'x'.repeat(60)}`,
    type: 'User',
  }));
  const body = JSON.stringify(group('large', { members }));
  const filler = JSON.stringify(user('ann', { notes: Array(400_000).fill({ a: 'b' }) }));
  const health = watchHealth(stage);
  const { status } = await send('POST', '/Groups?excludedAttributes=members', body);
  const waits = await health.stop();
  const alone = usher.memory();
  const again = watchHealth(stage);
  const others = await Promise.all(
    Array.from({ length: 12 }, async () => (await send('POST', '/Users', filler)).status),
  );
  const packed = gzipSync(filler);
  const more = await fetch(`${stage.scim}/Users`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${TOKEN}`,
      'Content-Type': 'application/json',
      'Content-Encoding': 'gzip',
    },
    body: packed,
  });
  const memory = usher.memory();
  tell('large bodies', {
    bytes: body.length,
    status,
    health: waits,
    alone,
    many: countBy([...others, more.status]),
    healthBesideMany: await again.stop(),
    memory,
  });
  expect(status).toBe(201);
  expect(body.length).toBeGreaterThan(13_000_000);
  expect(others.filter((each) => ![400, 413, 503].includes(each))).toEqual([]);
  expect(Math.min(waits.kept.count, waits.anew.count)).toBeGreaterThan(10);
  expect(waits.kept.p50).toBeLessThan(250);
  expect(memory.peak).toBeLessThan(900);
});
