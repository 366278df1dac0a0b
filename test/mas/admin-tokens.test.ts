import { expect, it } from 'vitest';
import { createAdminTokens } from '../../src/mas/admin-tokens.ts';

/** Grants t1, t2 … of 300 s each. */
function desk() {
  const state = { now: 1_000_000, granted: 0, error: undefined as Error | undefined };
  const request = async () => {
    if (state.error !== undefined) throw state.error;
    state.granted += 1;
    return { token: `t${state.granted}`, expiresInMs: 300_000 };
  };
  return { state, tokens: createAdminTokens(request, () => state.now) };
}

it('asks once for all who wait', async () => {
  const { tokens, state } = desk();
  const all = await Promise.all(Array.from({ length: 20 }, () => tokens.current()));
  expect([...new Set(all), state.granted]).toEqual(['t1', 1]);
});

it('uses a token for four fifths of its life', async () => {
  const { tokens, state } = desk();
  await tokens.current();
  state.now += 239_999;
  expect(await tokens.current()).toBe('t1');
  state.now += 1;
  expect(await tokens.current()).toBe('t2');
});

it('gets another one for one that was refused, once for all who had it', async () => {
  const { tokens, state } = desk();
  await tokens.current();
  expect(await tokens.replace('t1')).toBe(true);
  expect(await tokens.current()).toBe('t2');
  expect(await tokens.replace('t1')).toBe(true);
  expect([await tokens.current(), state.granted]).toEqual(['t2', 2]);
});

it('asks again after it got none', async () => {
  const { tokens, state } = desk();
  state.error = new Error('MAS is down');
  await expect(Promise.all([tokens.current(), tokens.current()])).rejects.toThrow('MAS is down');
  state.error = undefined;
  expect(await tokens.current()).toBe('t1');
});
