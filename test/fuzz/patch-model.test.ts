import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { group, patch, type Send, scimClient, user } from '../support/scim/client.ts';
import { FUZZ_TIMEOUT, fuzzed } from '../support/scim/fuzz.ts';
import { groupBase, operationsOn, userBase } from '../support/scim/fuzz-patches.ts';
import { type Identify, isNothing, type JsonObject, patchedByModel } from '../support/scim/patch-model.ts';
import { type FuzzOperation, sentAs } from '../support/scim/patch-text.ts';
import { type ScimServer, startScimServer } from '../support/scim/server.ts';

let server: ScimServer;
let send: Send;
beforeEach(async () => {
  server = await startScimServer();
  send = scimClient(server);
  await send('POST', '/Users', user('taken'));
  await send('POST', '/Groups', group('taken'));
});
afterEach(() => server.stop());

type Expected = { readonly refusals: readonly string[] } | { readonly resource: JsonObject };

/** What the model has come of the request: a refusal, or the resource as it is shown. */
function expectedOf(shown: JsonObject, operations: readonly FuzzOperation[], identify?: Identify): Expected {
  const broken = operations.flatMap((one) => (one.kind === 'broken' ? [one.refusal] : []));
  const sound = operations.flatMap((one) => (one.kind === 'sound' ? [one.operation] : []));
  const outcome = patchedByModel(shown, sound, identify);
  if ('refusals' in outcome) return { refusals: [...broken, ...outcome.refusals] };
  if (broken.length > 0) return { refusals: broken };
  const { userName, displayName } = outcome.resource;
  const isTaken = String(userName ?? displayName).toLowerCase() === 'taken';
  return isTaken ? { refusals: ['uniqueness'] } : outcome;
}

/** What a PATCH may change, without what is nothing (RFC 7643 §2.5); members in any order, by what they are. */
function shownBy({ id: _, meta: __, groups: ___, members, ...rest }: JsonObject): JsonObject {
  const listed = Array.isArray(members) ? members.map(({ value, type }) => ({ value, type })) : [];
  const sorted = listed.sort((one, other) => (one.value < other.value ? -1 : 1));
  const schemas = Array.isArray(rest.schemas) ? rest.schemas.toSorted() : [];
  return tidy({ ...rest, schemas, members: sorted }) as JsonObject;
}

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([name, part]) => [name, tidy(part)] as const);
  return Object.fromEntries(parts.filter(([, part]) => !isNothing(part)));
}

type Told = 'refused' | 'changed' | 'kept';

/** Sends a PATCH, and expects of the server what the model does. */
async function expectPatched(
  path: string,
  operations: readonly FuzzOperation[],
  identify?: Identify,
): Promise<Told> {
  const { body: before } = await send('GET', path);
  const expected = expectedOf(shownBy(before), operations, identify);

  const { status, body } = await send('PATCH', path, { ...patch(), Operations: operations.map(sentAs) });

  const { body: after } = await send('GET', path);
  if ('refusals' in expected) {
    expect(expected.refusals.map((scimType) => ({ status: statusOf(scimType), scimType }))).toContainEqual({
      status,
      scimType: body.scimType,
    });
    expect(after).toEqual(before);
    return 'refused';
  }
  expect({ status, ...shownBy(body) }).toEqual({ status: 200, ...shownBy(expected.resource) });
  expect(after).toEqual(body);
  const { meta: metaBefore, ...restBefore } = before;
  const { meta, ...rest } = body;
  const isChanged = !isDeepStrictEqual(rest, restBefore);
  expect(meta.lastModified > metaBefore.lastModified).toBe(true);
  // Several operations may undo one another.
  if (isChanged) expect(meta.version).not.toBe(metaBefore.version);
  return isChanged ? 'changed' : 'kept';
}

function statusOf(scimType: string): number {
  return scimType === 'uniqueness' ? 409 : 400;
}

/** Each of the three was seen now and then, so that none is only tested by name. */
function expectAll(told: readonly Told[]): void {
  for (const kind of ['refused', 'changed', 'kept'] as const) {
    expect(told.filter((one) => one === kind).length).toBeGreaterThan(told.length / 100);
  }
}

const requestsFor = (kind: 'User' | 'Group') => fc.array(operationsOn(kind), { minLength: 1, maxLength: 4 });

describe('a PATCH has come of it what the RFC says', () => {
  it(
    'for a user',
    async () => {
      const told: Told[] = [];
      await fc.assert(
        fc.asyncProperty(userBase, requestsFor('User'), async (base, requests) => {
          const ann = user('ann', base);
          await withResource('/Users', ann, async (path) => {
            for (const request of requests) told.push(await expectPatched(path, request));
          });
        }),
        fuzzed(150),
      );
      expectAll(told);
    },
    FUZZ_TIMEOUT,
  );

  it(
    'for a group',
    async () => {
      const told: Told[] = [];
      const { filled, identify } = await surroundings();
      await fc.assert(
        fc.asyncProperty(groupBase, requestsFor('Group'), async (marks, requests) => {
          const staff = group('staff', { members: filled(marks).map((value) => ({ value })) });
          await withResource('/Groups', staff, async (path) => {
            for (const request of requests) told.push(await expectPatched(path, filled(request), identify));
          });
        }),
        fuzzed(150),
      );
      expectAll(told);
    },
    FUZZ_TIMEOUT,
  );
});

/** Makes the resource for as long as it is used. */
async function withResource(endpoint: string, resource: object, use: (path: string) => Promise<void>) {
  const { body } = await send('POST', endpoint, resource);
  const path = `${endpoint}/${body.id}`;
  try {
    await use(path);
  } finally {
    await send('DELETE', path);
  }
}

/** Makes those who can be members; gives what replaces the marks of them by ids, and what says who is who. */
async function surroundings() {
  const created = async (path: string, body: object): Promise<string> =>
    (await send('POST', path, body)).body.id;
  const ann = await created('/Users', user('ann'));
  const bob = await created('/Users', user('bob', { externalId: 'ext-bob' }));
  const inner = await created('/Groups', group('inner'));
  const ids: Readonly<Record<string, string>> = { ann, bob, inner };
  const filled = <T>(value: T): T =>
    JSON.parse(JSON.stringify(value).replaceAll(/\{(ann|bob|inner)\}/g, (_, name) => ids[name] ?? ''));
  const identify: Identify = (value) => {
    if (value === ann || value === bob) return { value, type: 'User' };
    if (value === 'ext-bob') return { value: bob, type: 'User' };
    return value === inner ? { value, type: 'Group' } : { value };
  };
  return { filled, identify };
}
