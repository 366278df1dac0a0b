import { ScimError } from '../../scim/error.ts';
import type { JsonObject } from '../../scim/json.ts';
import { listResponse, readPaging } from '../../scim/list.ts';
import { bodyOf, type Handler } from '../context.ts';
import { respond } from '../respond.ts';
import type { ResourceHandlers } from './resources.ts';

type Plan = ReturnType<ResourceHandlers['plan']>;

/** A search of all kinds of resources, one kind after the other (RFC 7644 §3.4.3). */
export function searchAll(kinds: readonly ResourceHandlers[]): Handler {
  return async (ctx) => {
    const parameters = bodyOf(ctx);
    const { startIndex, count } = readPaging(parameters.startIndex, parameters.count);
    const resources: JsonObject[] = [];
    let totalResults = 0;
    for (const find of plansFor(kinds, parameters)) {
      const paging = {
        startIndex: Math.max(1, startIndex - totalResults),
        count: count - resources.length,
      };
      const found = await find(ctx, paging);
      resources.push(...found.resources);
      totalResults += found.totalResults;
    }
    respond(ctx, 200, listResponse(resources, totalResults, startIndex));
  };
}

/** A filter need not make sense for each kind: nothing of the others meets it. Throws if it does for none. */
function plansFor(kinds: readonly ResourceHandlers[], parameters: JsonObject): readonly Plan[] {
  const plans: Plan[] = [];
  let refusal: ScimError | undefined;
  for (const { plan } of kinds) {
    try {
      plans.push(plan(parameters));
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      refusal = error;
    }
  }
  if (plans.length === 0 && refusal !== undefined) throw refusal;
  return plans;
}
