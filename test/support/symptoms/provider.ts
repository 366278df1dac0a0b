import { onTestFinished } from 'vitest';
import { createTokenDesk } from '../../../src/desk/tokens.ts';
import type { SourceId } from '../../../src/directory/resource.ts';
import { PLACES } from '../../../src/http/admission.ts';
import type { AppDeps } from '../../../src/http/app.ts';
import type { ConnectionLimits } from '../../../src/http/listener.ts';
import { group, scimClient, TOKEN, user } from '../scim/client.ts';
import { openLine } from '../scim/line.ts';
import { head } from '../scim/raw.ts';
import { LIMITS, startScimServer } from '../scim/server.ts';

/** Thirty are looked at, and one more each two seconds. */
const WRONG_TOKENS = 50;

/** What a provider is answered that has the wrong token, address or request, or that meets trouble of Usher. */
export async function sayToProviders(): Promise<readonly string[]> {
  return [...(await refuseTokens()), ...(await refuseRequests()), ...(await sayTrouble())];
}

/** A server; its answers as text. */
async function start(deps: Partial<AppDeps> = {}, limits: Partial<ConnectionLimits> = {}) {
  const server = await startScimServer({ now: Date.now, ...deps }, limits);
  const stop = once(server.stop);
  onTestFinished(stop);
  const ask = async (token: string, ...request: Parameters<ReturnType<typeof scimClient>>) =>
    String((await scimClient(server, token)(...request)).body?.detail);
  return { ...server, stop, ask };
}

async function refuseTokens(): Promise<readonly string[]> {
  const jwt = { issuer: 'http://127.0.0.1:1', audience: 'usher', scope: undefined, keysUrl: undefined };
  const { store, ask } = await start({ jwt: { ...jwt, source: 'first' as SourceId } });
  const terms = { source: 'first', networks: [], expires: undefined, scopes: ['scim'] };
  const desk = createTokenDesk({ store, who: 'test', now: () => 0 });
  const issued = {
    expired: await desk.create({ ...terms, name: 'expired', expires: 1 }),
    disabled: await desk.create({ ...terms, name: 'disabled' }),
    elsewhere: await desk.create({ ...terms, name: 'elsewhere', networks: ['192.0.2.7'] }),
    reader: await desk.create({ ...terms, name: 'reader', scopes: ['scim:read'] }),
  };
  for (const token of await store.tokens.list()) {
    if (token.name === 'disabled') await desk.setDisabled(token, true);
  }
  const answers: string[] = [];
  for (const { secret } of Object.values(issued))
    answers.push(await ask(secret, 'POST', '/Users', user('x')));
  answers.push(await ask('e30.e30.e30', 'GET', '/Users'));
  for (let count = 0; count < WRONG_TOKENS; count += 1) answers.push(await ask('wrong', 'GET', '/Users'));
  return answers;
}

async function refuseRequests(): Promise<readonly string[]> {
  const { ask, store } = await start({ limits: { ...LIMITS, maxBodyBytes: 10_000 } });
  await ask(TOKEN, 'POST', '/Users', user('ann'));
  await ask(TOKEN, 'POST', '/Groups', group('Engineering'));
  const { resources } = await store.users.list('first' as SourceId, {
    ...{ startIndex: 1, count: 1, where: {}, order: { by: 'creation', isDescending: false } },
  });
  const [ann] = resources;
  return Promise.all([
    ask(TOKEN, 'GET', '/nothing/here'),
    ask(TOKEN, 'GET', '/Users/nobody'),
    ask(TOKEN, 'POST', '/Users', user('ann')),
    ask(TOKEN, 'POST', '/Groups', group('Engineering')),
    ask(TOKEN, 'POST', '/Users', '{'),
    ask(TOKEN, 'GET', '/Users?filter=userName eq [x'),
    ask(TOKEN, 'GET', '/Users?filter=userName sw ann'),
    ask(TOKEN, 'PUT', `/Users/${ann?.id}`, user('ann'), { 'If-Match': 'W/"99"' }),
    ask(TOKEN, 'POST', '/Users', user('x'.repeat(20_000))),
    ask(TOKEN, 'POST', '/Users', user('bob'), { 'Content-Type': 'text/plain' }),
  ]);
}

async function sayTrouble(): Promise<readonly string[]> {
  const failing = async (error: Error): Promise<string> => {
    const users = () => Promise.reject(error);
    const { ask } = await start({ matrix: { users, groups: async () => new Map() } });
    return ask(TOKEN, 'POST', '/Users', user('ann'));
  };
  return [
    await failing(Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })),
    await failing(new Error('nobody foresaw it')),
    ...(await sayBusyAndStopping()),
  ];
}

/** A request that is worked on for as long as the gate is closed keeps out a second one, and the end of Usher waits for it. */
async function sayBusyAndStopping(): Promise<readonly string[]> {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: inside, resolve: enter } = Promise.withResolvers<void>();
  const users = async () => {
    enter();
    await gate;
    return new Map();
  };
  const one = { places: 1, waiting: 0, patienceMs: 0 };
  const server = await start(
    { matrix: { users, groups: async () => new Map() }, places: { ...PLACES, small: one } },
    { goodbyeMs: 20_000 },
  );
  const underWay = server.ask(TOKEN, 'POST', '/Users', user('ann'));
  await inside;
  const busy = await server.ask(TOKEN, 'GET', '/Users');
  const late = await openLine(server.origin);
  const request = `${head('GET', '/Users')}\r\n`;
  late.write(request.slice(0, 40));
  // An answer on a newer connection shows that the server has taken what came before.
  await fetch(`${server.origin}/healthz`);
  const stopped = server.stop();
  late.write(request.slice(40));
  const stopping = await late.ended;
  open();
  await underWay;
  await stopped;
  return [busy, stopping];
}

function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined;
  return () => {
    acting ??= act();
    return acting;
  };
}
