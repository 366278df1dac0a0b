import { expect, it } from 'vitest';
import { masError } from '../../src/mas/answer.ts';
import { contentOf } from '../../src/rest/answer.ts';

it('does not take it for an answer about a user when a gateway finds nothing, in JSON', () => {
  const body = JSON.stringify({ error: 'Not Found' });
  const read = () => contentOf({ status: 404, body, retryAfter: undefined }, 'GET /x', [], masError);
  expect(read).toThrowError(expect.objectContaining({ kind: 'protocol' }));
});
