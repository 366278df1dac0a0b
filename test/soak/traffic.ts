import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, KINDS } from '../support/faults.ts';
import { createProvider } from '../support/provider.ts';
import { pick, randomFrom } from '../support/scim/random.ts';
import { SECRET, type Stage } from './stage.ts';

const USHER = join(import.meta.dirname, '../../src/usher.js');
const PEOPLE = 200;
/** Who come and go again and again, half of them at a time: so the total is steady, also that of accounts. */
const GUESTS = 40;
const SPELL_MS = 3_000;
/** What never ends has a test of its own, and rightly takes memory. */
const SPELLS = KINDS.filter((kind) => kind !== 'an answer without end' && FAULTS[kind].when !== 'never');
export const GROUPS = Array.from({ length: 10 }, (_, index) => `group${index}`);

type Member = { readonly name: string; id: string; group: string | undefined };

/** What a provider, its admins and those who watch do all day. Any refusal of a SCIM request ends it. */
export async function startTraffic({ usher, env, proxy, writeMap }: Stage) {
  const random = randomFrom(1);
  const base = `${usher.url}/scim/v2`;
  const provider = createProvider(base, SECRET);
  const times: number[] = [];
  const counts = { scim: 0, scrapes: 0, commands: 0, edits: 0, spells: 0 };
  const ids = new Map<string, string>();
  const isStopped = new AbortController();
  const failures: unknown[] = [];

  const timed = async <T>(send: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const answer = await send();
    times.push(performance.now() - start);
    counts.scim += 1;
    return answer;
  };
  const groupId = (group: string): string => {
    const id = ids.get(group);
    if (id === undefined) throw new Error(`no ${group}`);
    return id;
  };
  const admit = async (member: Member, group: string): Promise<void> => {
    await timed(() => provider.addMembers(groupId(group), member.id));
    member.group = group;
  };
  const leave = async (member: Member): Promise<void> => {
    const { group } = member;
    if (group !== undefined) await timed(() => provider.removeMembers(groupId(group), member.id));
    member.group = undefined;
  };
  const lookUp = async (name: string): Promise<void> => {
    const filter = encodeURIComponent(`userName eq "${name}"`);
    const answer = await fetch(`${base}/Users?filter=${filter}`, {
      headers: { authorization: `Bearer ${SECRET}` },
    });
    const text = await answer.text();
    if (!answer.ok || !text.includes('"totalResults":1')) throw new Error(`${name} is not found: ${text}`);
  };

  for (const group of GROUPS) ids.set(group, await provider.createGroup(group, group));
  const people: Member[] = [];
  for (let number = 0; number < PEOPLE; number += 1) {
    const name = `person${number}`;
    const member: Member = { name, id: await provider.createUser({ userName: name }), group: undefined };
    people.push(member);
    await admit(member, pick(random, GROUPS));
  }
  const guests: Member[] = [];
  let arrivals = 0;

  const tasks: readonly (readonly [everyMs: number, task: () => Promise<void>])[] = [
    // A full sync: each is looked up and put as she was.
    [
      40,
      async () => {
        const { name, id } = pick(random, people);
        await timed(() => lookUp(name));
        await timed(() => provider.putUser(id, { userName: name }));
      },
    ],
    [
      1_000,
      async () => {
        const member = pick(random, people);
        await leave(member);
        await admit(member, pick(random, GROUPS));
      },
    ],
    [
      1_000,
      async () => {
        const { name, id } = pick(random, people);
        await timed(() => provider.putUser(id, { userName: name, displayName: `${name} ${random()}` }));
      },
    ],
    [
      1_500,
      async () => {
        const name = `guest${arrivals % GUESTS}`;
        arrivals += 1;
        const id = await timed(() => provider.createUser({ userName: name }));
        const guest: Member = { name, id, group: undefined };
        guests.push(guest);
        await admit(guest, pick(random, GROUPS));
        const gone = guests.length > GUESTS / 2 ? guests.shift() : undefined;
        if (gone !== undefined) await timed(() => provider.deleteUser(gone.id));
      },
    ],
    [
      1_000,
      async () => {
        for (const path of ['/metrics', '/readyz']) await (await fetch(`${usher.url}${path}`)).text();
        counts.scrapes += 2;
      },
    ],
    [
      15_000,
      async () => {
        writeMap(counts.edits % 2 === 0);
        counts.edits += 1;
      },
    ],
    [
      20_000,
      async () => {
        const child = spawn(process.execPath, [USHER, 'status'], {
          env: { PATH: process.env.PATH, LOG_LEVEL: 'info', ...env },
          stdio: 'ignore',
        });
        const [code] = await once(child, 'close');
        // 1: something is not as it is to be, e.g. an outage.
        if (code !== 0 && code !== 1) throw new Error(`usher status ended with ${code}`);
        counts.commands += 1;
      },
    ],
    [
      12_000,
      async () => {
        await proxy.inject(pick(random, SPELLS));
        counts.spells += 1;
        await delay(SPELL_MS);
        await proxy.heal();
      },
    ],
  ];

  const repeat = async (everyMs: number, task: () => Promise<void>): Promise<void> => {
    while (!isStopped.signal.aborted) {
      await delay(everyMs, undefined, { signal: isStopped.signal }).catch(() => {});
      if (isStopped.signal.aborted) return;
      await task();
    }
  };
  const running = tasks.map(([everyMs, task]) =>
    repeat(everyMs, task).catch((error: unknown) => void failures.push(error)),
  );

  return {
    counts,
    failures,
    /** Milliseconds of the SCIM requests since the last time. */
    takeTimes: () => times.splice(0),
    faults: () => KINDS.reduce((sum, kind) => sum + proxy.injected(kind), 0),
    async stop(): Promise<void> {
      isStopped.abort();
      await Promise.all(running);
      await proxy.heal();
    },
    /** Who is to be in the room of a group. */
    expectedIn: (group: string): readonly string[] =>
      [...people, ...guests].flatMap((each) => (each.group === group ? [each.name] : [])).sort(),
  };
}
