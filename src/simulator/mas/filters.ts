import { refused } from './refusal.ts';
import type { MasCall } from './request.ts';
import { parseUlid } from './ulid.ts';

/** The filters of a list. Of a wrong kind each is refused with 400; others that are sent are not looked at. */
export type Filters = {
  /** The path of the list with its filters, as MAS writes it into links: nothing is encoded. */
  readonly base: string;
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  ulid(name: string): string | undefined;
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
  /** Milliseconds since 1970. */
  time(name: string): number | undefined;
  texts(name: string): readonly string[];
};

/** `names` in the order in which the list has them. */
export function filtersOf({ query }: MasCall, path: string, names: readonly string[]): Filters {
  const given = names.flatMap((name) => query.getAll(`filter[${name}]`).map((value) => ({ name, value })));
  const base = given.map(({ name, value }) => `filter[${name}]=${value}`).join('&');
  const text = (name: string) => given.find((filter) => filter.name === name)?.value;

  function read<T>(name: string, parse: (value: string) => T | undefined): T | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    throw refused(400, 'Invalid filter parameters', `Failed to deserialize query string: filter[${name}]`);
  }

  return {
    base: base === '' ? path : `${path}?${base}`,
    text,
    texts: (name) => given.filter((filter) => filter.name === name).map(({ value }) => value),
    flag: (name) => read(name, (value) => ({ true: true, false: false })[value]),
    ulid: (name) => read(name, parseUlid),
    oneOf: (name, values) => read(name, (value) => values.find((known) => known === value)),
    time: (name) =>
      read(name, (value) => {
        const time = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
        return Number.isNaN(time) ? undefined : time;
      }),
  };
}
