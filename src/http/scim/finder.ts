import type { Resource, SourceId } from '../../directory/resource.ts';
import { inPieces, PIECE } from '../../pieces.ts';
import { mentioned, termsIn } from '../../scim/conditions.ts';
import { ScimError } from '../../scim/error.ts';
import { matcher, type Scalar } from '../../scim/evaluate.ts';
import type { Filter } from '../../scim/filter.ts';
import type { JsonObject } from '../../scim/json.ts';
import type { Paging } from '../../scim/list.ts';
import type { Locate } from '../../scim/meta.ts';
import { compareKeys, type Order, sortKey } from '../../scim/order.ts';
import { includes, only, type Projection } from '../../scim/projection.ts';
import { type Representation, wholeOf } from '../../scim/representation.ts';
import type { ResourceType } from '../../scim/schema/resource-type.ts';
import { readSearch, type Search } from '../../scim/search.ts';
import { MATRIX_USER } from '../../scim/urns.ts';
import type { ListOrder, ResourceStore } from '../../store/store.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Who asks: whose resources, and how they are to be addressed. */
export type Asker = { readonly source: SourceId; readonly locate: Locate };

/** A window of what was found, with the number of all that was. */
export type Found = { readonly totalResults: number; readonly resources: readonly Representation[] };

/** A search that was understood, for one kind of resource. */
export type Plan = {
  readonly order: Order;
  /** A page in the order that was asked for. */
  readonly page: (asker: Asker, paging: Paging) => Promise<Found>;
  /** All that is found, to be sorted. */
  readonly keys: (asker: Asker) => Promise<readonly Keyed[]>;
  readonly show: (asker: Asker, ids: readonly string[]) => Promise<readonly Representation[]>;
};

/** A resource and what it is sorted by. */
type Keyed = { readonly id: string; readonly key: Scalar | undefined };

type Searchable<R extends Resource> = Pick<ResourceKind<R, unknown, unknown>, 'type' | 'present'> & {
  readonly store: Pick<ResourceStore<R, unknown, unknown>, 'get' | 'list' | 'scan'>;
};

const IN_CREATION: ListOrder = { by: 'creation', isDescending: false };

/** What filters take for granted: an `active` that was removed means true. */
const IMPLIED = { User: { active: true }, Group: {} };

/** Resources that are shown in one go: each may be in hundreds of groups. */
const FEW = 50;

const MAX_MEMBER_TERMS = 20;

/** The one attribute by which the store itself sorts. */
const STORE_SORTS = { User: 'userName', Group: 'displayName' };

/**
 * Understands a search. What no index answers is asked of each resource as clients see it, some at a time, so that
 * others have their turn. `others` are the kinds that are searched at the same time. Throws `ScimError` 400.
 */
export function planSearch<R extends Resource>(
  kind: Searchable<R>,
  parameters: JsonObject,
  others: readonly ResourceType[] = [],
): Plan {
  const { type, store } = kind;
  const search = readSearch(parameters, type, others);
  const { where, rest, order, projection } = search;
  const listOrder = storeOrder(order, type.name);
  const needed = neededBy(search, type);
  const meets = rest === undefined ? () => true : matcher(rest);
  if (rest !== undefined) assertAffordable(rest);
  const atOnce = atOnceFor(search, needed);

  async function* found({ source, locate }: Asker): AsyncGenerator<readonly [R, JsonObject]> {
    for await (const some of store.scan(source, { where, order: listOrder ?? IN_CREATION })) {
      for await (const few of inPieces(some, atOnce)) {
        const shown = await kind.present(few, needed, locate);
        for (const [index, resource] of few.entries()) {
          const representation = shown[index];
          if (representation === undefined) continue;
          const document = { ...IMPLIED[type.name], ...(await wholeOf(representation)) };
          if (meets(document)) yield [resource, document];
        }
      }
    }
  }
  const present = async (resources: readonly R[], locate: Locate): Promise<readonly Representation[]> => {
    const shown: Representation[] = [];
    for await (const few of inPieces(resources, FEW)) {
      for (const each of await kind.present(few, projection, locate)) shown.push(each);
    }
    return shown;
  };
  const plan: Plan = {
    order,
    async keys(asker) {
      const keys: Keyed[] = [];
      for await (const [{ id }, document] of found(asker)) {
        keys.push({ id, key: order.by && sortKey(document, order.by) });
      }
      return keys;
    },
    async show({ source, locate }, ids) {
      const resources = await Promise.all(ids.map((id) => store.get(source, id)));
      return present(
        resources.filter((resource) => resource !== undefined),
        locate,
      );
    },
    async page(asker, paging) {
      if (listOrder === undefined) return sortedPage([plan], asker, paging);
      if (rest === undefined) {
        const page = await store.list(asker.source, { ...paging, where, order: listOrder });
        const resources = await present(page.resources, asker.locate);
        return { totalResults: page.totalResults, resources };
      }
      const { totalResults, window } = await windowOf(found(asker), paging);
      const chosen = window.map(([resource]) => resource);
      return { totalResults, resources: await present(chosen, asker.locate) };
    },
  };
  return plan;
}

/** Throws `ScimError` 400 `invalidFilter` for a filter with too many questions about members, who may be very many. */
function assertAffordable(filter: Filter): void {
  const isAboutMembers = mentioned(filter).some(([name]) => name === 'members');
  if (!isAboutMembers || termsIn(filter) <= MAX_MEMBER_TERMS) return;
  throw new ScimError(400, 'invalidFilter', `About members, a filter has at most ${MAX_MEMBER_TERMS} terms`);
}

/** The more a filter compares, and the more is read for it, the fewer resources it is asked of in one go. */
function atOnceFor({ rest }: Search, needed: Projection): number {
  const most = includes(needed, 'groups') || includes(needed, MATRIX_USER) ? FEW : PIECE;
  return Math.ceil(most / (rest === undefined ? 1 : termsIn(rest)));
}

/** A page of what several plans find, sorted as the first of them says. */
export async function sortedPage(plans: readonly Plan[], asker: Asker, paging: Paging): Promise<Found> {
  const all: (Keyed & { readonly plan: Plan })[] = [];
  for (const plan of plans) for (const keyed of await plan.keys(asker)) all.push({ ...keyed, plan });
  const order = plans[0]?.order ?? { by: undefined, isDescending: false };
  const sorted = all.sort((left, right) => compareKeys(left.key, right.key, order));
  const start = paging.startIndex - 1;
  const resources: Representation[] = [];
  for (const { id, plan } of sorted.slice(start, start + paging.count)) {
    resources.push(...(await plan.show(asker, [id])));
  }
  return { totalResults: all.length, resources };
}

/** Counts all, and keeps those of the page. */
async function windowOf<T>(
  items: AsyncIterable<T>,
  { startIndex, count }: Paging,
): Promise<{ readonly totalResults: number; readonly window: readonly T[] }> {
  const window: T[] = [];
  let totalResults = 0;
  for await (const item of items) {
    totalResults += 1;
    if (totalResults >= startIndex && window.length < count) window.push(item);
  }
  return { totalResults, window };
}

/** Undefined: the store has no index with this order. */
function storeOrder({ by, isDescending }: Order, name: 'User' | 'Group'): ListOrder | undefined {
  if (by === undefined) return IN_CREATION;
  return by.steps.join('.') === STORE_SORTS[name] ? { by: 'name', isDescending } : undefined;
}

/** What has to be read of a resource, to filter and sort it. */
function neededBy({ rest, order }: Search, { extensions }: ResourceType): Projection {
  const paths = [
    ...(rest === undefined ? [] : mentioned(rest)),
    ...(order.by === undefined ? [] : [order.by.steps]),
  ];
  const names = paths.flatMap((steps) => steps.slice(0, 1));
  // These two tell of what is shown beside the attributes.
  const isOfAll = paths.some((steps) => steps[0] === 'schemas' || steps.join('.') === 'meta.version');
  return only(isOfAll ? [...names, 'groups', ...extensions.map(({ id }) => id)] : names);
}
