import { expect, it } from 'vitest';
import { createTokenRequest } from '../../src/mas/token-endpoint.ts';
import type { HomeserverErrorKind } from '../../src/matrix/error.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

/** A request for tokens that tries these endpoints, and which of them it asked. */
function desk(answers: Readonly<Record<string, HomeserverErrorKind | 'granted'>>) {
  const asked: string[] = [];
  const request = createTokenRequest({
    credentials: { id: 'C', secret: 's' },
    endpoints: async () => Object.keys(answers),
    clientFor: (origin) => ({
      async call({ route }) {
        asked.push(origin + route);
        const answer = answers[origin + route] ?? 'protocol';
        if (answer === 'granted') return { access_token: `of ${origin}`, expires_in: 300 };
        throw new HomeserverError(answer, answer);
      },
    }),
  });
  return { request, asked };
}

const [NEAR, FAR] = ['http://mas.internal:8081/oauth2/token', 'https://auth.example/oauth2/token'];

it('asks beside the admin API, and nowhere else if there is a token', async () => {
  const { request, asked } = desk({ [NEAR]: 'granted', [FAR]: 'granted' });
  expect((await request()).token).toBe('of http://mas.internal:8081');
  expect(asked).toEqual([NEAR]);
});

it('asks where MAS says if there is none beside the admin API', async () => {
  const { request, asked } = desk({ [NEAR]: 'protocol', [FAR]: 'granted' });
  expect((await request()).token).toBe('of https://auth.example');
  expect(asked).toEqual([NEAR, FAR]);
});

it.each(['unavailable', 'unauthorised', 'throttled'] as const)(
  'sends its secret nowhere else when it is %s',
  async (kind) => {
    const { request, asked } = desk({ [NEAR]: kind, [FAR]: 'granted' });
    await expect(request()).rejects.toMatchObject({ kind });
    expect(asked).toEqual([NEAR]);
  },
);

it('says so when nobody knows where MAS is', async () => {
  await expect(desk({}).request()).rejects.toThrow(/^set MAS_URL: /);
});

it('finds the token endpoint of a MAS whose admin API has a listener of its own', async () => {
  const { simulated, clientFor, tokenEndpoint } = await openMasDesk();
  const { clientId: id, clientSecret: secret, masUrl } = simulated;
  const endpoints = async () => [`${masUrl}/oauth2/token`, tokenEndpoint];
  const request = createTokenRequest({ clientFor, credentials: { id, secret }, endpoints });
  expect((await request()).token).toMatch(/^mat_/);
});
