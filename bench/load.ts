import { Pool } from 'undici';
import type { Outgoing } from './client.ts';
import { SECRET } from './usher-process.ts';

const CONNECTIONS = 64;

export type Load = {
  /** Requests in a second, over so many milliseconds; `next` says what is sent. Rejects if an answer is not a 2xx. */
  readonly rate: (next: (turn: number) => Outgoing, ms: number) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Sends on 64 connections, on each as fast as it is answered. */
export function createLoad(url: string): Load {
  const { origin, pathname } = new URL(url);
  const base = pathname === '/' ? '' : pathname;
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  let turn = 0;
  const send = async ({ method, path, body }: Outgoing): Promise<void> => {
    const answer = await pool.request({
      method,
      path: `${base}${path}`,
      headers: {
        authorization: `Bearer ${SECRET}`,
        ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      },
      body: body === undefined || body instanceof Buffer ? (body ?? null) : JSON.stringify(body),
    });
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${await answer.body.text()}`);
    await answer.body.dump();
  };
  return {
    async rate(next, ms) {
      const begin = performance.now();
      let sent = 0;
      const keepSending = async (): Promise<void> => {
        while (performance.now() - begin < ms) {
          turn += 1;
          await send(next(turn));
          sent += 1;
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, keepSending));
      return (sent * 1000) / (performance.now() - begin);
    },
    close: () => pool.close(),
  };
}
