import { expect, it } from 'vitest';
import { createMasClient } from '../../src/mas/client.ts';
import { requestToken } from '../../src/mas/client-credentials.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { listen } from '../../src/simulator/listen.ts';

it('says nothing of a proof that a proxy echoes, however it was sent', async () => {
  const { url, close } = await listen(async (request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `bad header: ${request.headers.authorization}` }));
  }, 0);
  const client = createMasClient({ baseUrl: url, timeoutMs: 5_000 });
  const proof = { id: 'C', secret: 'very-secret' };
  const error = await requestToken(client, `${url}/oauth2/token`, proof).catch((reason: unknown) => reason);
  await close();
  if (!(error instanceof HomeserverError)) throw new Error('no such error');
  const told = JSON.stringify([error.message, error.errcode, String(error.cause)]);
  expect(told).toContain('bad header: Basic [token]');
  expect(told).not.toContain(Buffer.from('C:very-secret').toString('base64'));
});
