import { writeFileSync } from 'node:fs';
import { onTestFinished, vi } from 'vitest';
import { type SimulatedUnderTest, startSimulated } from '../homeserver/simulated.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { type Env, envFor, SECRET, startUsher } from '../usher.ts';
import { unescaped } from './logged.ts';

/** Something to tell of. */
const MAP = { 'ext-eng': '#nowhere:usher.test' };
const NOBODY = 'http://127.0.0.1:1';

/** What is said of reports and events that nobody takes. */
export async function sayOfReports(): Promise<readonly string[]> {
  const homeserver = await startSimulated();
  onTestFinished(() => homeserver.close());
  const owner = await homeserver.person('owner');
  const secret = await owner.createRoom({ alias: 'secret', version: '11' });
  await owner.setState(secret, 'm.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' });
  const closed = await owner.createRoom({ alias: 'closed', version: '11' });
  await owner.setPowerLevels(closed, { users: { [owner.userId]: 0 }, users_default: 0 });
  const settings = envFor(homeserver, tempDir(), { REPORT_ROOM: '#secret:usher.test' });
  writeFileSync(String(settings.GROUP_MAP_FILE), '{}');

  return [
    await readinessOf(homeserver, 'reports', { REPORT_ROOM: '#none:usher.test' }),
    await readinessOf(homeserver, 'reports', { REPORT_ROOM: '#closed:usher.test' }),
    await readinessOf(homeserver, 'reports', { REPORT_WEBHOOK_URL: NOBODY, REPORT_WEBHOOK_SECRET: SECRET }),
    await readinessOf(homeserver, 'events', { EVENTS_URL: NOBODY, EVENTS_SECRET: SECRET.repeat(2) }),
    (await usher(['check'], settings)).stdout,
  ];
}

/** What `/readyz` says once that component is degraded. */
async function readinessOf(homeserver: SimulatedUnderTest, component: string, env: Env): Promise<string> {
  const { url, provider, close } = await startUsher(homeserver, MAP, { env });
  await provider.createUser({ userName: 'ann' });
  const text = await vi.waitFor(
    async () => {
      const answer = await (await fetch(`${url}/readyz`)).text();
      if (JSON.parse(answer).components[component]?.status !== 'degraded') throw new Error('not yet');
      return answer;
    },
    { timeout: 20_000, interval: 100 },
  );
  await close();
  return unescaped(text);
}
