import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Readiness } from '../../src/http/health.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { scimClient } from '../support/scim/client.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let readiness: Readiness;
let server: ScimServer;
beforeEach(async () => {
  readiness = { ready: true, components: { store: { status: 'ok' } } };
  server = await startScimServer({ health: async () => readiness });
});
afterEach(() => server.stop());

const get = (path: string) => fetch(`${server.origin}${path}`);

describe('those who run Usher', () => {
  it.each(['/health', '/healthz'])('see by %s that it lives', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('see by /readyz how each part is', async () => {
    const ready = await get('/readyz');
    readiness = { ready: false, components: { homeserver: { status: 'failed', detail: 'no answer' } } };
    const unready = await get('/readyz');

    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: 'ok', components: { store: { status: 'ok' } } });
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({
      status: 'unavailable',
      components: { homeserver: { status: 'failed', detail: 'no answer' } },
    });
  });

  it('see by /metrics how many requests there were, by route and not by person', async () => {
    await scimClient(server)('GET', '/Users/somebody');
    await get('/no/such/page');

    const response = await get('/metrics');

    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toContain(
      'usher_http_request_duration_seconds_count{method="GET",route="/scim/v2/Users/:id",status="404"} 1',
    );
    expect(text).toContain(
      'usher_http_request_duration_seconds_count{method="GET",route="none",status="404"} 1',
    );
    expect(text).not.toContain('somebody');
    expect(text).toContain('usher_work_items 3');
    expect(text).toContain('usher_work_lag_seconds 1.5');
    expect(text).toContain('usher_provider_heard_timestamp_seconds{source="okta"} 1700000000');
  });

  it('get a problem where nothing is', async () => {
    const response = await get('/scim/v20/Users');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({ status: 404, detail: 'There is nothing here' });
  });
});

describe('metrics', () => {
  it('count what the reconciler did', async () => {
    const events = { waiting: 7, lagMs: 1_500 };
    const metrics = createMetrics(
      async () => ({
        isPaused: true,
        total: 0,
        due: 0,
        failing: 0,
        lagMs: 0,
        held: 3,
        heard: new Map(),
        events,
      }),
      ['join', 'kick'],
    );

    metrics.onCall({ route: 'joined_members', status: 200, durationMs: 250 });
    metrics.onCall({ route: 'joined_members', status: 'unavailable', durationMs: 30_000 });
    metrics.onChange({ kind: 'join', outcome: 'done' });
    metrics.onChange({ kind: 'join', outcome: 'done' });
    metrics.onPass({ at: 1_767_225_600_000, durationMs: 1500, drifted: 2 });

    const { text } = await metrics.scrape();
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        'usher_homeserver_call_duration_seconds_sum{route="joined_members",status="200"} 0.25',
        'usher_homeserver_call_duration_seconds_count{route="joined_members",status="unavailable"} 1',
        'usher_changes_total{kind="join",outcome="done"} 2',
        'usher_changes_total{kind="kick",outcome="done"} 0',
        'usher_homeserver_paused 1',
        'usher_last_pass_timestamp_seconds 1767225600',
        'usher_last_pass_duration_seconds 1.5',
        'usher_last_pass_drifted 2',
        'usher_held_changes 3',
        'usher_events_waiting 7',
        'usher_events_lag_seconds 1.5',
      ]),
    );
  });

  it('of two apps are kept apart', async () => {
    const nothing = { total: 0, due: 0, failing: 0, lagMs: 0, held: 0, heard: new Map() };
    const queue = async () => ({ ...nothing, events: undefined, isPaused: false });
    const [one, other] = [createMetrics(queue, []), createMetrics(queue, [])];
    one.onChange({ kind: 'kick', outcome: 'done' });
    const { text } = await other.scrape();
    expect(text).not.toContain('kick');
    expect(text).toContain('usher_events_waiting 0\n');
  });
});
