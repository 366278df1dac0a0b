import type { JsonObject } from '../../scim/json.ts';
import { readPaging } from '../../scim/list.ts';
import type { Representation } from '../../scim/representation.ts';
import type { Action, ScimAnswer, ScimRequest } from './exchange.ts';
import { sortedPage } from './finder.ts';
import { listAnswer, locator, parametersIn, type ResourceActions } from './resources.ts';

type Kinds = readonly Pick<ResourceActions, 'plan'>[];

/** A search of all kinds of resources (RFC 7644 §3.4.2.1): sorted together, or else one kind after the other. */
export function searchAll(
  kinds: Kinds,
  maxResults: number,
): { readonly list: Action; readonly search: Action } {
  const find = async (request: ScimRequest, parameters: JsonObject): Promise<ScimAnswer> => {
    const paging = readPaging(parameters, maxResults);
    const asker = { source: request.source, locate: locator(request) };
    const plans = kinds.map(({ plan }) => plan(parameters));
    if (plans.some(({ order }) => order.by !== undefined)) {
      return listAnswer(await sortedPage(plans, asker, paging), paging);
    }
    const resources: Representation[] = [];
    let totalResults = 0;
    for (const { page } of plans) {
      const found = await page(asker, {
        startIndex: Math.max(1, paging.startIndex - totalResults),
        count: paging.count - resources.length,
      });
      resources.push(...found.resources);
      totalResults += found.totalResults;
    }
    return listAnswer({ totalResults, resources }, paging);
  };
  return {
    list: (request) => find(request, request.query),
    search: (request) => find(request, parametersIn(request)),
  };
}
