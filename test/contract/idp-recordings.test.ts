import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN } from '../support/scim/client.ts';
import { type Recording, replay } from '../support/scim/replay.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

const FOLDER = join(import.meta.dirname, '../recordings');

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

let server: ScimServer;
beforeAll(async () => {
  server = await startScimServer();
});
afterAll(() => server.stop());

function replayHere(recording: Recording): Promise<readonly string[]> {
  return replay(recording, { baseUrl: server.scim, token: TOKEN });
}

describe('what identity providers were recorded to send, and need to be told', () => {
  it('has been recorded, above all from Authentik', () => {
    expect(files.filter((name) => name.startsWith('authentik-')).length).toBeGreaterThanOrEqual(24);
  });

  it.each(files)('%s', async (name) => {
    const recording = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Recording;

    expect(recording.steps.length).toBeGreaterThan(0);
    expect(await replayHere(recording)).toEqual([]);
  });

  it('would be noticed if it were missing from an answer', async () => {
    const request = {
      method: 'GET',
      path: '/ServiceProviderConfig',
      headers: { Authorization: `Bearer ${TOKEN}` },
    };
    const status = [200];

    const complaints = await replayHere({
      client: 'nobody',
      description: 'wants what is not there',
      steps: [
        { request, expect: { status: [201] } },
        { request, expect: { status, json: [{ path: '$.patch.supported', op: 'eq', value: false }] } },
        { request, expect: { status, headers: { 'content-type': '~text/html' } } },
      ],
    });

    expect(complaints).toHaveLength(3);
  });
});
