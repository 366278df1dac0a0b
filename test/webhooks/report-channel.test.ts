import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPost } from '../../src/webhooks/post.ts';
import { createWebhookChannel } from '../../src/webhooks/report-channel.ts';
import { receiver } from '../support/receiver.ts';

const SECRET = 'a-secret-of-the-tests';
const NOW = Date.UTC(2026, 10, 22, 12, 0);
const message = {
  ...{
    id: 'one',
    at: NOW - 60_000,
    kind: 'held',
    title: 'Held',
    text: 'Held\n\n- a & b',
    html: '<p>a &amp; b</p>',
  },
};

async function stage(secret = SECRET) {
  const to = await receiver();
  const post = createPost({ timeoutMs: 300 });
  const url = `${to.url}/hook?token=abc`;
  return { ...to, channel: createWebhookChannel({ url, secret, post, now: () => NOW }) };
}

describe('a report that is posted', () => {
  it('is JSON, with what it is about and when it was written', async () => {
    const { channel, taken, bodies } = await stage();
    expect(await channel.send(message)).toEqual({ kind: 'sent' });
    const { title, text, html, kind } = message;
    expect(bodies()).toEqual([{ title, text, html, kind, at: '2026-11-22T11:59:00.000Z' }]);
    expect(taken[0]).toMatchObject({
      url: '/hook?token=abc',
      headers: { 'content-type': 'application/json' },
    });
  });

  it.each([
    [SECRET, Buffer.from(SECRET)],
    ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', Buffer.from('C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'base64')],
  ])('is signed with the secret, as text or as base64: %s', async (secret, key) => {
    const { channel, taken } = await stage(secret);
    await channel.send(message);
    const [{ headers, body } = { headers: {}, body: '' }] = taken;
    const signed = createHmac('sha256', key)
      .update(`one.${NOW / 1000}.${body}`)
      .digest('base64');
    expect(headers).toMatchObject({
      'webhook-id': 'one',
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': `v1,${signed}`,
    });
  });

  it.each([
    [500, 'it answers 500'],
    [404, 'it answers 404'],
    [302, 'it answers 302'],
    ['break', 'no answer (ECONNRESET)'],
    [undefined, 'no answer (ETIMEDOUT)'],
  ] as const)('is kept, and may have arrived, when the answer is %s', async (answer, reason) => {
    const { channel, state, asked } = await stage();
    Object.assign(state, { answer, headers: { location: '/elsewhere' } });
    const delivery = await channel.send(message);
    expect(delivery).toMatchObject({ kind: 'failed', isCertain: false });
    expect(JSON.stringify(delivery)).toContain(reason);
    expect(JSON.stringify(delivery)).not.toMatch(/abc|127\.0\.0\.1/);
    expect(asked).toHaveLength(1);
  });

  it('waits as long as the receiver asks', async () => {
    const { channel, state } = await stage();
    Object.assign(state, { answer: 429, headers: { 'retry-after': '120' } });
    expect(await channel.send(message)).toMatchObject({ retryAfterMs: 120_000 });
  });
});
