import { ScimError } from '../../scim/error.ts';
import type { JsonObject } from '../../scim/json.ts';
import { readPaging } from '../../scim/list.ts';
import type { Representation } from '../../scim/representation.ts';
import type { Action } from './exchange.ts';
import { type Plan, sortedPage } from './finder.ts';
import { listAnswer, locator, parametersIn, type ResourceActions } from './resources.ts';

/** A search of all kinds of resources (RFC 7644 §3.4.3): sorted together, or else one kind after the other. */
export function searchAll(kinds: readonly Pick<ResourceActions, 'plan'>[], maxResults: number): Action {
  return async (request) => {
    const parameters = parametersIn(request);
    const paging = readPaging(parameters, maxResults);
    const asker = { source: request.source, locate: locator(request) };
    const plans = plansFor(kinds, parameters);
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
}

/**
 * A filter need not make sense for each kind: nothing of the others meets it. Neither need `sortBy`: the others have
 * no value then. Throws if it does for none.
 */
function plansFor(kinds: readonly Pick<ResourceActions, 'plan'>[], parameters: JsonObject): readonly Plan[] {
  const { sortBy, ...unsorted } = parameters;
  const asWanted = plansThat(kinds, parameters);
  if (sortBy === undefined || asWanted.plans.length === 0) {
    if (asWanted.refusal !== undefined && asWanted.plans.length === 0) throw asWanted.refusal;
    return asWanted.plans;
  }
  const others = kinds.filter((kind) => !asWanted.understood.has(kind));
  return [...asWanted.plans, ...plansThat(others, unsorted).plans];
}

function plansThat(kinds: readonly Pick<ResourceActions, 'plan'>[], parameters: JsonObject) {
  const understood = new Set<Pick<ResourceActions, 'plan'>>();
  const plans: Plan[] = [];
  let refusal: ScimError | undefined;
  for (const kind of kinds) {
    try {
      plans.push(kind.plan(parameters));
      understood.add(kind);
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      refusal = error;
    }
  }
  return { plans, understood, refusal };
}
