import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type Outgoing } from '../client.ts';
import { median } from '../compare.ts';
import type { Bench, Chapter, Figure } from '../figures.ts';
import { createLoad } from '../load.ts';
import { table } from '../report.ts';
import { addMember, removeMember } from '../requests.ts';
import { stocked } from '../shelves.ts';
import { LARGE, personOf, type Shelf } from '../stock.ts';
import { startUsher } from '../usher-process.ts';

/** Each of so many milliseconds for Usher, and as many for its limit. */
const ROUNDS = 7;
const ROUND_MS = 1_000;
const READ = { atLeast: 0.6 };
const WRITE = { atLeast: 0.5 };

type Kind = {
  readonly name: string;
  readonly target: { readonly atLeast: number };
  /** A different one each turn. */
  readonly request: (shelf: Shelf, turn: number) => Outgoing;
};

const member = ({ members }: Shelf, turn: number): string => members[(turn * 7919) % members.length] ?? '';
const newcomer = ({ newcomers }: Shelf, turn: number): string =>
  newcomers[(turn >> 1) % newcomers.length] ?? '';
const numberOf = (shelf: Shelf, turn: number): number => (turn * 7919) % shelf.members.length;

/** Somebody comes and goes, in turns. */
const comeAndGo = (name: string, place: number): Kind => ({
  name,
  target: WRITE,
  request(shelf, turn) {
    const group = shelf.large.at(place)?.id ?? '';
    const who = newcomer(shelf, turn);
    return turn % 2 === 0 ? addMember(group, who) : removeMember(group, who);
  },
});

const KINDS: readonly Kind[] = [
  {
    name: 'GET /Users/{id}',
    target: READ,
    request: (shelf, turn) => ({ method: 'GET', path: `/Users/${member(shelf, turn)}` }),
  },
  {
    name: 'GET /Users?filter=userName eq',
    target: READ,
    request: (shelf, turn) => {
      const { userName } = personOf(numberOf(shelf, turn), shelf.userCount);
      return { method: 'GET', path: `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}` };
    },
  },
  {
    name: 'POST /Users',
    target: WRITE,
    request: (_shelf, turn) => {
      const unique = `${turn}-${performance.now()}`;
      return {
        method: 'POST',
        path: '/Users',
        body: { ...personOf(turn, 1), userName: `new${unique}`, externalId: unique },
      };
    },
  },
  {
    name: 'PUT /Users/{id}, unchanged',
    target: WRITE,
    request: (shelf, turn) => ({
      method: 'PUT',
      path: `/Users/${member(shelf, turn)}`,
      body: personOf(numberOf(shelf, turn), shelf.userCount),
    }),
  },
  {
    name: 'PUT /Users/{id}, changed',
    target: WRITE,
    request: (shelf, turn) => ({
      method: 'PUT',
      path: `/Users/${member(shelf, turn)}`,
      body: { ...personOf(numberOf(shelf, turn), shelf.userCount), title: `the ${turn}th` },
    }),
  },
  comeAndGo('PATCH one member of 10', 0),
  comeAndGo('PATCH one member of 50,000', -1),
];

/** How near the SCIM path is to what Koa and SQLite can do: requests a second, on 64 connections. */
export const limits: Chapter = {
  name: 'limits',
  async run(bench) {
    const dataDir = join(bench.folder, 'data');
    const shelf = await stocked(dataDir, LARGE, bench.kept);
    const usher = await startUsher(dataDir);
    const row = table(bench.say, `Requests a second on 64 connections: medians of ${ROUNDS} rounds`, [
      ['request', 32],
      ['bare Koa', 10],
      ['Usher', 10],
      ['ratio', 6],
    ]);
    const figures: Figure[] = [];
    try {
      for (const kind of KINDS) {
        const { bare, own, ratio } = await compareWithLimit(bench, usher.url, shelf, kind);
        row([kind.name, bare, own, ratio]);
        figures.push({
          ...{ chapter: 'limits', name: kind.name, value: ratio, unit: 'times', target: kind.target },
          detail: `bare Koa: ${Math.round(bare)} a second`,
        });
      }
    } finally {
      await usher.end();
    }
    return figures;
  },
};

async function compareWithLimit({ folder }: Bench, url: string, shelf: Shelf, kind: Kind) {
  const client = createClient(url, { connections: 1 });
  const { body } = await client.send(kind.request(shelf, 0));
  client.close();
  const bare = await startBare(mkdtempSync(join(folder, 'bare-')), body.toString());
  const loads = { own: createLoad(url), bare: createLoad(bare.url) };
  const isRead = kind.target === READ;
  const asBare = (turn: number): Outgoing => ({
    ...kind.request(shelf, turn),
    path: isRead ? '/bytes' : '/row',
  });
  const rates: { own: number[]; bare: number[] } = { own: [], bare: [] };
  try {
    // The first round is for warming up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const own = await loads.own.rate((turn) => kind.request(shelf, turn), ROUND_MS);
      const limit = await loads.bare.rate(asBare, ROUND_MS);
      if (round === 0) continue;
      rates.own.push(own);
      rates.bare.push(limit);
    }
  } finally {
    await Promise.all([loads.own.close(), loads.bare.close()]);
    await bare.end();
  }
  const ratios = rates.own.map((own, round) => own / (rates.bare[round] ?? Number.NaN));
  return { own: median(rates.own), bare: median(rates.bare), ratio: median(ratios) };
}

async function startBare(folder: string, answer: string) {
  const main = join(import.meta.dirname, '../bare-server.ts');
  const child = spawn(process.execPath, [main, folder], {
    env: { PATH: process.env.PATH, BARE_ANSWER: answer },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = await once(child.stdout, 'data');
  return {
    url: String(JSON.parse(String(chunk)).url),
    async end() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
