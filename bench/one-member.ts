import { median, type Subject } from './compare.ts';
import { addMember, removeMember } from './requests.ts';

/** PATCH of one member of a group of that size; medians, in milliseconds. */
export type OneMember = {
  readonly size: number;
  readonly add: number;
  readonly remove: number;
  /** Times what it costs in the first group. */
  readonly ratio: number;
};

/** Adds and removes newcomers, in each of the larger groups in turns. */
export async function oneMember({ client, shelf }: Subject, rounds: number): Promise<readonly OneMember[]> {
  const measured = shelf.large.map((group) => ({ ...group, add: [] as number[], remove: [] as number[] }));
  for (const value of shelf.newcomers.slice(0, rounds)) {
    for (const { id, add, remove } of measured) {
      add.push((await client.send(addMember(id, value))).ms);
      remove.push((await client.send(removeMember(id, value))).ms);
    }
  }
  const medians = measured.map(({ size, add, remove }) => ({
    size,
    add: median(add),
    remove: median(remove),
    all: median([...add, ...remove]),
  }));
  const least = medians[0]?.all ?? Number.NaN;
  return medians.map(({ size, add, remove, all }) => ({ size, add, remove, ratio: all / least }));
}
