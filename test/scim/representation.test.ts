import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/scim/json.ts';
import { readProjection } from '../../src/scim/projection.ts';
import { listText, type Representation, represent, textOf, wholeOf } from '../../src/scim/representation.ts';
import { groupType } from '../../src/scim/schema/resource-type.ts';

const EVERYTHING = readProjection(undefined, undefined, groupType);

async function* pieces(...lists: readonly (readonly JsonObject[])[]) {
  yield* lists;
}

async function written(text: AsyncGenerator<string>): Promise<unknown> {
  const parts: string[] = [];
  for await (const part of text) parts.push(part);
  return JSON.parse(parts.join(''));
}

const whole = { schemas: ['urn:x'], id: '1', displayName: '"],}', meta: { version: 'W/"3"' } };
const plain: Representation = represent(whole, EVERYTHING, undefined);
const a = { value: 'a,"members":[' };
const b = { value: 'b' };

describe('a representation', () => {
  it.each<[string, () => Representation['members'], readonly JsonObject[]]>([
    ['no members', () => pieces(), []],
    ['nothing in its pieces', () => pieces([], []), []],
    ['members in one piece', () => pieces([a, b]), [a, b]],
    ['members in several, some of them empty', () => pieces([], [a], [], [b], []), [a, b]],
  ])('is one document with %s, written or held', async (_, members, expected) => {
    expect(await written(textOf({ ...plain, members: members() }))).toEqual({ ...whole, members: expected });
    expect(await wholeOf({ ...plain, members: members() })).toEqual({ ...whole, members: expected });
  });

  it('has no members where none are asked for', async () => {
    expect(await written(textOf(plain))).toEqual(whole);
    expect(await wholeOf(plain)).toEqual(whole);
  });

  it('knows its version also without meta', () => {
    const { resource, version } = represent(
      whole,
      readProjection('displayName', undefined, groupType),
      undefined,
    );
    expect(resource).not.toHaveProperty('meta');
    expect(version).toBe('W/"3"');
  });

  it.each([0, 1, 3])('is one of %i in a list', async (count) => {
    const list = Array.from({ length: count }, () => ({ ...plain, members: pieces([a], [b]) }));
    expect(await written(listText({ totalResults: count }, list))).toEqual({
      totalResults: count,
      Resources: Array(count).fill({ ...whole, members: [a, b] }),
    });
  });
});
