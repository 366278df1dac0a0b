import { describe, expect, it } from 'vitest';
import { masError } from '../../src/mas/answer.ts';
import { HomeserverError } from '../../src/matrix/error.ts';
import { contentOf } from '../../src/rest/answer.ts';

const TOKEN = 'mat_secret';

function failure(status: number, body: string): HomeserverError {
  try {
    contentOf({ status, body, retryAfter: undefined }, 'GET /x', [TOKEN], masError);
  } catch (error) {
    if (error instanceof HomeserverError) return error;
    throw error;
  }
  throw new Error(`${status} is no error`);
}

const titled = (...titles: readonly string[]) =>
  JSON.stringify({ errors: titles.map((title) => ({ title })) });

describe('an answer of MAS', () => {
  it.each([
    [400, titled('Username is not valid'), 'refused', ': Username is not valid'],
    [401, titled('Unknown access token'), 'unauthorised', ': Unknown access token'],
    [403, titled('Password auth is disabled'), 'refused', ': Password auth is disabled'],
    [404, titled('User not found'), 'not-found', ': User not found'],
    [409, titled('User already exists'), 'refused', ': User already exists'],
    [410, titled('User is not active'), 'refused', ': User is not active'],
    [429, titled('Too many'), 'throttled', ': Too many'],
    [
      500,
      titled('Failed to provision user', 'operation timed out'),
      'unavailable',
      ': Failed to provision user; operation timed out',
    ],
    [404, '<html>Page not found', 'protocol', ' without an error of MAS'],
    [404, '{}', 'protocol', ' without an error of MAS'],
    [405, '', 'protocol', ' without an error of MAS'],
    [422, 'missing field `username`', 'protocol', ' without an error of MAS'],
    [302, '', 'protocol', ' without an error of MAS'],
    [502, '<html>Bad Gateway', 'unavailable', ' without an error of MAS'],
    [401, '<html>Who are you?', 'unauthorised', ' without an error of MAS'],
    [400, '{"errors": [{"title": 7}, null]}', 'protocol', ' without an error of MAS'],
  ])('%i %s is %s', (status, body, kind, what) => {
    const error = failure(status, body);
    expect([error.kind, error.message]).toEqual([kind, `GET /x: answered ${status}${what}`]);
  });

  it('of the token endpoint has a code', () => {
    const error = failure(
      401,
      '{"error": "invalid_client", "error_description": "Client authentication failed."}',
    );
    expect([error.kind, error.errcode, error.message]).toEqual([
      'unauthorised',
      'invalid_client',
      'GET /x: answered 401: invalid_client',
    ]);
  });

  it('is quoted without the token, and not at any length', () => {
    expect(failure(400, titled(`no ${TOKEN}`)).message).toBe('GET /x: answered 400: no [token]');
    expect(failure(400, titled('x'.repeat(5_000))).message.length).toBeLessThan(300);
  });
});
