/**
 * The limit of the SCIM path, in a process of its own: Koa, the same body parser, and the same SQLite with the same
 * pragmas, but no SCIM. It answers `GET /bytes` by the bytes it was given, and `/row` with any method by committing the
 * body as one row first. Usage: node bench/bare-server.ts FOLDER, and the answer in BARE_ANSWER.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Router } from '@koa/router';
import Koa from 'koa';
import bodyParser from 'koa-bodyparser';
import { openForWriting } from '../src/store/sqlite/database.ts';

const answer = process.env.BARE_ANSWER ?? '';
const { db } = openForWriting(process.argv[2] ?? '');
db.exec('CREATE TABLE IF NOT EXISTS bare (no INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT');
const insert = db.prepare('INSERT INTO bare (body) VALUES (?)');

const router = new Router();
router.get('/bytes', (ctx) => {
  ctx.set('Content-Type', 'application/scim+json');
  ctx.body = answer;
});
router.all('/row', (ctx) => {
  insert.run(ctx.request.rawBody);
  ctx.set('Content-Type', 'application/scim+json');
  ctx.body = answer;
});
const app = new Koa();
app.use(bodyParser({ enableTypes: ['json'], extendTypes: { json: ['application/scim+json'] } }));
app.use(router.routes());
const server = createServer(app.callback());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`);
});
