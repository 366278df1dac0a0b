import type { Client } from './client.ts';
import type { RequestKind } from './requests.ts';
import type { Shelf } from './stock.ts';

/** A Usher with what is stored in it. */
export type Subject = { readonly client: Client; readonly shelf: Shelf };

export type Comparison = {
  readonly name: string;
  readonly rounds: number;
  /** Medians, in milliseconds, in the order of the subjects. */
  readonly ms: readonly number[];
  /** What it costs the last one, times what it costs the first. */
  readonly ratio: number;
};

const ROUNDS = 240;
const WARM_UP = 20;
/** Milliseconds. Who is so slow that not even 240 rounds are through by then is told from the others by fewer. */
const PATIENCE = 20_000;
const LEAST_ROUNDS = 12;

/** Asks all in turns, so that what else the machine does slows down the one as much as the others. */
export async function compare(kind: RequestKind, subjects: readonly Subject[]): Promise<Comparison> {
  const measured = subjects.map((subject) => ({ subject, ms: [] as number[] }));
  const begin = performance.now();
  let round = 0;
  for (; round < ROUNDS; round += 1) {
    if (performance.now() - begin > PATIENCE && round >= LEAST_ROUNDS) break;
    const inOrder = round % 2 === 1 ? measured.toReversed() : measured;
    for (const { subject, ms } of inOrder) ms.push(await measure(kind, subject, round));
  }
  const ignored = round === ROUNDS ? WARM_UP : 1;
  const medians = measured.map(({ ms }) => median(ms.slice(ignored)));
  const ratio = (medians.at(-1) ?? Number.NaN) / (medians[0] ?? Number.NaN);
  return { name: kind.name, rounds: round - ignored, ms: medians, ratio };
}

async function measure(kind: RequestKind, { client, shelf }: Subject, round: number): Promise<number> {
  const prepared =
    kind.prepare && JSON.parse((await client.send(kind.prepare(shelf, round))).body.toString());
  const { ms, body } = await client.send(kind.request(shelf, round, prepared?.id ?? ''));
  if (kind.finds === undefined) return ms;
  const found = JSON.parse(body.toString()).Resources?.length;
  if (found !== kind.finds) throw new Error(`${kind.name}: ${found} resources instead of ${kind.finds}`);
  return ms;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
