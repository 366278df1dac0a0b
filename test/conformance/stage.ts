import { expect, onTestFinished } from 'vitest';
import { startSimulated } from '../support/homeserver/simulated.ts';
import { SECRET, startUsher } from '../support/usher.ts';

/** The name of the group that opens the room. */
export const OPENING_GROUP = 'The conformance club';

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** The whole of Usher on a simulated homeserver, for one test, where one group opens one room. */
export async function setStage() {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const owner = await homeserver.person('owner');
  const room = await owner.createRoom();
  const usher = await startUsher(homeserver, { [`name:${OPENING_GROUP}`]: room });
  const scim = `${usher.url}/scim/v2`;
  return {
    scim,
    async send(method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
      const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/scim+json' };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return Object(await (await fetch(`${scim}${path}`, { method, headers, ...sent })).json());
    },
    /** Who was brought into the room, once all is done. */
    async inRoom(): Promise<readonly string[]> {
      await usher.settle();
      const members = [...((await homeserver.homeserver.joinedMembers(room)) ?? [])];
      return members.filter((user) => user !== owner.userId && user !== homeserver.bot);
    },
    /** That Usher has nothing more to do on the homeserver, and that nothing broke inside. */
    async expectSoundness(): Promise<void> {
      await usher.settle();
      const metrics = await (await fetch(`${usher.url}/metrics`)).text();
      expect(metrics).toMatch(/^usher_http_request_duration_seconds_count\{.*status="201"\} [1-9]/m);
      expect(metrics).not.toContain('status="500"');
      expect(metrics).toMatch(/^usher_work_items 0$/m);
    },
  };
}
