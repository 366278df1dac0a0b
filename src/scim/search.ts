import { type Conditions, splitFilter } from './conditions.ts';
import { ScimError } from './error.ts';
import { type Filter, parseFilter } from './filter.ts';
import type { JsonObject } from './json.ts';
import { type Order, readOrder } from './order.ts';
import { type Projection, readProjection } from './projection.ts';
import { mendFilter } from './quirks/filter.ts';
import type { ResourceType } from './schema/resource-type.ts';

/** What a client looks for. `where` is for an index, `rest` for each resource that is left. */
export type Search = {
  readonly order: Order;
  readonly where: Conditions;
  readonly rest: Filter | undefined;
  readonly projection: Projection;
};

/**
 * Reads RFC 7644 §3.4.2 but for the paging, from a query or from a body (§3.4.3). Attributes that only `others` have
 * are without a value here (§3.4.2.1). Throws `ScimError` 400.
 */
export function readSearch(
  parameters: JsonObject,
  type: ResourceType,
  others: readonly ResourceType[] = [],
): Search {
  const { filter, attributes, excludedAttributes } = parameters;
  return {
    order: readOrder(parameters, type, others),
    ...splitFilter(readFilter(filter, type, others), type),
    projection: readProjection(attributes, excludedAttributes, type),
  };
}

function readFilter(
  filter: unknown,
  type: ResourceType,
  others: readonly ResourceType[],
): Filter | undefined {
  if (filter === undefined || filter === null) return undefined;
  if (typeof filter !== 'string') throw new ScimError(400, 'invalidFilter', 'filter is one text');
  const mended = [type, ...others].reduce(mendFilter, filter);
  return parseFilter(mended, type, others);
}
