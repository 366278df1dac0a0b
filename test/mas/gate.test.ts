import { describe, expect, it } from 'vitest';
import { createGate } from '../../src/mas/gate.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import type { RestClient } from '../../src/rest/client.ts';

const MAS = { issuer: 'https://mas.example/', token_endpoint: 'https://mas.example/oauth2/token', more: 1 };
const FOUND = { issuer: MAS.issuer, tokenEndpoint: MAS.token_endpoint };

const NOT_THERE = new HomeserverError('not-found', 'no such route', { errcode: 'M_UNRECOGNIZED' });
const DOWN = new HomeserverError('unavailable', 'answered 500');
const HIDDEN = new HomeserverError('protocol', 'answered 404 with a page');

/** A homeserver that says this of who signs people in. */
function gateTo(first: unknown, options: { expected: 'synapse' | 'mas'; verified: boolean }) {
  const state = { answer: first, asked: 0 };
  const client: RestClient = {
    async call() {
      state.asked += 1;
      if (state.answer instanceof Error) throw state.answer;
      return state.answer;
    },
  };
  return { gate: createGate({ client, ...options }), state };
}

describe('the gate', () => {
  it.each([
    ['synapse', true, NOT_THERE, undefined],
    ['mas', true, MAS, FOUND],
    ['mas', false, MAS, FOUND],
    ['mas', false, NOT_THERE, undefined],
    ['mas', false, HIDDEN, undefined],
    ['synapse', false, MAS, undefined],
  ] as const)('lets through: settings of %s, verified %s, %o', async (expected, verified, answer, found) => {
    const { gate } = gateTo(answer, { expected, verified });
    expect(await gate.pass()).toEqual(found);
  });

  it.each([
    ['synapse', true, MAS, 'unauthorised'],
    ['mas', true, NOT_THERE, 'unauthorised'],
    ['synapse', true, DOWN, 'unavailable'],
    ['mas', true, DOWN, 'unavailable'],
    ['mas', false, DOWN, 'unavailable'],
    ['mas', true, HIDDEN, 'protocol'],
    ['synapse', true, HIDDEN, 'protocol'],
    ['synapse', true, {}, 'protocol'],
    ['mas', true, { issuer: 'https://mas.example/' }, 'protocol'],
  ] as const)(
    'lets nothing through: settings of %s, verified %s, %o',
    async (expected, verified, answer, kind) => {
      const { gate } = gateTo(answer, { expected, verified });
      await expect(gate.pass()).rejects.toMatchObject({ kind });
    },
  );

  it.each(['synapse', 'mas'] as const)('says what to do when a proxy answers (%s)', async (expected) => {
    const { gate } = gateTo(HIDDEN, { expected, verified: true });
    await expect(gate.pass()).rejects.toThrow(
      `it can't be told who signs people in (answered 404 with a page): let the proxy before the homeserver pass that on, or set MATRIX_AUTH=${expected} if you are certain`,
    );
  });

  it('asks once, until there is a doubt', async () => {
    const { gate, state } = gateTo(NOT_THERE, { expected: 'synapse', verified: true });
    await Promise.all([gate.pass(), gate.pass(), gate.pass()]);
    await gate.pass();
    expect(state.asked).toBe(1);
    state.answer = MAS;
    gate.doubt();
    await expect(gate.pass()).rejects.toThrow(
      /^the homeserver leaves it to https:\/\/mas\.example\/ to sign people in .*: set MAS_CLIENT_ID and MAS_CLIENT_SECRET/,
    );
    await expect(gate.pass()).rejects.toThrow('set MAS_CLIENT_ID');
    state.answer = NOT_THERE;
    expect(await gate.pass()).toBeUndefined();
  });
});
