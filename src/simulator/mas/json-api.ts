import type { JsonObject } from '../api-request.ts';
import { type MasAnswer, refused } from './refusal.ts';
import type { MasCall } from './request.ts';
import { API, type Kind } from './resources.ts';
import { parseUlid } from './ulid.ts';

type Identified = { readonly id: string };

/** An answer with one thing. `self` is the path that was asked, where MAS names that one. */
export function single<T extends Identified>(
  { type, path, attributes }: Kind<T>,
  thing: T,
  { status = 200, self, extra = {} }: { status?: number; self?: string; extra?: JsonObject } = {},
): MasAnswer {
  const own = `${API}${path}/${thing.id}`;
  const data = { type, id: thing.id, attributes: { ...attributes(thing), ...extra }, links: { self: own } };
  return { status, body: { data, links: { self: self ?? own } } };
}

type Page = {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly size: number;
  readonly backward: boolean;
};

const DEFAULT_SIZE = 10;

/** A page of `things`, which are in the order of their ids. `base` is the path of the list with its filters. */
export function pageOf<T extends Identified>(
  kind: Kind<T>,
  things: readonly T[],
  base: string,
  { query }: Pick<MasCall, 'query'>,
): MasAnswer {
  const page = pageIn(query);
  const count = query.get('count') ?? 'true';
  if (!['true', 'false', 'only'].includes(count)) throw badPage();
  const counted = count === 'true' ? base : `${base}${base.includes('?') ? '&' : '?'}count=${count}`;
  if (count === 'only') {
    return { status: 200, body: { meta: { count: things.length }, links: { self: counted } } };
  }
  const between = things.filter(({ id }) => id > (page.after ?? '') && id < (page.before ?? '~'));
  const shown = page.backward ? between.slice(-page.size) : between.slice(0, page.size);
  const hasMore = between.length > shown.length;
  const { cursor = ({ id }: T) => id } = kind;
  const cursorOf = (thing: T | undefined) => thing && cursor(thing);
  const link = (wanted: Partial<Page>) => linkTo(counted, { ...page, ...wanted });
  const whole = { before: undefined, after: undefined };
  return {
    status: 200,
    body: {
      ...(count === 'true' ? { meta: { count: things.length } } : {}),
      data: shown.map((thing) => ({
        ...{ type: kind.type, id: thing.id, attributes: kind.attributes(thing) },
        links: { self: `${API}${kind.path}/${thing.id}` },
        meta: { page: { cursor: cursor(thing) } },
      })),
      links: {
        self: link({}),
        first: link({ ...whole, backward: false }),
        last: link({ ...whole, backward: true }),
        ...(hasMore && !page.backward
          ? { next: link({ before: undefined, after: cursorOf(shown.at(-1)) }) }
          : {}),
        ...(hasMore && page.backward ? { prev: link({ after: undefined, before: cursorOf(shown[0]) }) } : {}),
      },
    },
  };
}

function pageIn(query: URLSearchParams): Page {
  const [first, last] = [sizeIn(query, 'page[first]'), sizeIn(query, 'page[last]')];
  if (first !== undefined && last !== undefined) {
    throw refused(400, 'Cannot specify both `page[first]` and `page[last]` parameters');
  }
  return {
    before: cursorIn(query, 'page[before]'),
    after: cursorIn(query, 'page[after]'),
    size: first ?? last ?? DEFAULT_SIZE,
    backward: last !== undefined,
  };
}

function sizeIn(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^0*[1-9]\d*$/.test(value)) throw badPage();
  return Number(value);
}

function cursorIn(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  const id = parseUlid(value);
  if (id === undefined) throw badPage();
  return id;
}

function badPage(): ReturnType<typeof refused> {
  return refused(400, 'Invalid pagination parameters', 'Failed to deserialize query string');
}

/** As MAS writes it: nothing is encoded. */
function linkTo(base: string, { before, after, size, backward }: Page): string {
  const [path, filters] = base.split(/\?(.*)/s);
  const parts = [
    ...(filters === undefined ? [] : [filters]),
    ...(before === undefined ? [] : [`page[before]=${before}`]),
    ...(after === undefined ? [] : [`page[after]=${after}`]),
    backward ? `page[last]=${size}` : `page[first]=${size}`,
  ];
  return `${path}?${parts.join('&')}`;
}
