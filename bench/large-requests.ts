import { setTimeout as wait } from 'node:timers/promises';
import { PATCH_OP } from '../src/scim/urns.ts';
import { amongOthers, type Waits } from './bystanders.ts';
import { type Answer, createClient, type Outgoing } from './client.ts';
import { median } from './compare.ts';
import type { Shelf } from './stock.ts';

/** How long a large request took, and how long others waited meanwhile. */
export type LargeRequest = Waits & {
  readonly name: string;
  readonly ms: number;
  /** How many times 50,000 members it changes, at least 1: it may take as many times longer. */
  readonly weight: number;
};

type Send = (request: Outgoing) => Promise<Answer>;
type Measure = (name: string, request: Outgoing, weight?: number) => Promise<Answer>;

const OPERATIONS = 5000;

/** The life of a large group, some times over: medians of each of its requests. */
export async function largeRequests(
  url: string,
  shelf: Shelf,
  rounds: number,
): Promise<readonly LargeRequest[]> {
  // On a connection of its own: one that was idle may be closed just when it is used again.
  const send: Send = async (request) => {
    const client = createClient(url, { connections: 1 });
    return client.send(request).finally(client.close);
  };
  const measured = new Map<string, LargeRequest[]>();
  const note = (each: LargeRequest): void => {
    measured.set(each.name, [...(measured.get(each.name) ?? []), each]);
  };
  const measure: Measure = async (name, { body, ...rest }, weight = 1) => {
    // Made beforehand, since that would keep the others from sending.
    const request = body === undefined ? rest : { ...rest, body: Buffer.from(JSON.stringify(body)) };
    const [answer, waits] = await amongOthers(url, shelf, () => send(request));
    note({ name, ms: answer.ms, weight, ...waits });
    return answer;
  };
  for (let round = 0; round < rounds; round += 1) {
    const [, waits] = await amongOthers(url, shelf, () => wait(1000));
    note({ name: '(none)', ms: 0, weight: 1, ...waits });
    await live(shelf, send, measure);
  }
  return [...measured].map(([name, all]) => ({
    name,
    weight: all[0]?.weight ?? 1,
    ms: median(all.map(({ ms }) => ms)),
    get: median(all.map(({ get }) => get)),
    patch: median(all.map(({ patch }) => patch)),
  }));
}

async function live({ many, members, newcomers }: Shelf, send: Send, measure: Measure): Promise<void> {
  const others = [...newcomers, ...members].slice(0, many.length);
  const few = others.slice(0, OPERATIONS);
  const whole = (values: readonly string[]) => ({
    displayName: 'a large group',
    members: values.map((value) => ({ value })),
  });
  const created = await measure(`POST, ${many.length} members`, {
    method: 'POST',
    path: '/Groups',
    body: whole(many),
  });
  const path = `/Groups/${JSON.parse(created.body.toString()).id}`;
  const assertMembers = (answer: Answer, expected: number): void => {
    const found = JSON.parse(answer.body.toString()).members.length;
    if (found !== expected) throw new Error(`${found} members instead of ${expected}`);
  };
  const assertNow = async (expected: number): Promise<void> =>
    assertMembers(await send({ method: 'GET', path }), expected);

  assertMembers(await measure(`GET, ${many.length} members`, { method: 'GET', path }), many.length);
  const patch = (operations: readonly object[]): Outgoing => ({
    method: 'PATCH',
    path,
    body: { schemas: [PATCH_OP], Operations: operations },
  });
  const add = (value: string) => ({ op: 'add', path: 'members', value: [{ value }] });
  await measure(`PATCH, ${OPERATIONS} operations, add one each`, patch(few.map(add)));
  await assertNow(many.length + OPERATIONS);
  const remove = (value: string) => ({ op: 'remove', path: `members[value eq "${value}"]` });
  await measure(`PATCH, ${OPERATIONS} operations, remove one each`, patch(few.map(remove)));
  await assertNow(many.length);
  await measure(`PUT, the same ${many.length} members`, { method: 'PUT', path, body: whole(many) });
  await assertNow(many.length);
  // Half of the changes take away, half of them add.
  await measure(`PUT, ${others.length} other members`, { method: 'PUT', path, body: whole(others) }, 2);
  await assertNow(others.length);
  await measure(`DELETE, ${others.length} members`, { method: 'DELETE', path });
}
