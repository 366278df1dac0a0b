import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient, type Outgoing } from './client.ts';
import { addMember, removeMember } from './requests.ts';
import type { Shelf } from './stock.ts';

/** The longest that any of the others waited for their answer, in milliseconds. */
export type Waits = { readonly get: number; readonly patch: number };

/** Milliseconds between two requests. */
const GET_EVERY = 5;
const PATCH_EVERY = 20;
/**
 * Open beforehand: Node accepts one new connection in each turn of its event loop, so that who connects anew waits for
 * turns, however short they are. Enough for all that is sent in 250 ms.
 */
const CONNECTIONS = 64;
/** Milliseconds that they go on before and after, since some work is done after the answer. */
const LEAD = 200;
const TAIL = 500;

/** Sends what others would send, at their own pace, while `act` runs. */
export async function amongOthers<T>(url: string, shelf: Shelf, act: () => Promise<T>): Promise<[T, Waits]> {
  const client = createClient(url, { connections: CONNECTIONS });
  const first = { method: 'GET', path: '/ServiceProviderConfig' } as const;
  await Promise.all(Array.from({ length: CONNECTIONS }, () => client.send(first)));
  const gets = keepSending(client, GET_EVERY, (turn) => ({
    method: 'GET',
    path: `/Users/${shelf.members[turn % shelf.members.length]}`,
  }));
  const group = shelf.small[0] ?? '';
  const newcomer = shelf.newcomers[0] ?? '';
  const patches = keepSending(client, PATCH_EVERY, (turn) =>
    turn % 2 === 0 ? addMember(group, newcomer) : removeMember(group, newcomer),
  );
  try {
    await wait(LEAD);
    const begin = performance.now();
    const result = await act();
    await wait(TAIL);
    return [result, { get: await gets.stop(begin), patch: await patches.stop(begin) }];
  } finally {
    await Promise.all([gets.stop(0), patches.stop(0)]);
    client.close();
  }
}

/** `stop` resolves with the longest wait of those that were answered after `since`. */
function keepSending(client: Client, every: number, request: (turn: number) => Outgoing) {
  const waits: { readonly end: number; readonly ms: number }[] = [];
  const underWay: Promise<void>[] = [];
  const note = (ms: number): void => {
    waits.push({ end: performance.now(), ms });
  };
  const timer = setInterval(() => {
    const begin = performance.now();
    const sent = client.send(request(underWay.length)).then(
      () => note(performance.now() - begin),
      (error) => {
        if (!isBrokenOff(error)) throw error;
        note(Number.POSITIVE_INFINITY);
      },
    );
    // Who fails is heard of by `stop`.
    sent.catch(() => {});
    underWay.push(sent);
  }, every);
  return {
    async stop(since: number): Promise<number> {
      clearInterval(timer);
      await Promise.all(underWay);
      const counted = waits.filter(({ end }) => end >= since).map(({ ms }) => ms);
      if (counted.length === 0) throw new Error('nobody asked for anything meanwhile');
      return Math.max(...counted);
    },
  };
}

/** After 5 s without a turn, Node closes connections that it takes for idle: nobody gets an answer on them. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
