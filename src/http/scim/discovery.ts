import {
  type Limits,
  resourceTypeDocuments,
  resourceTypeNamed,
  schemaDocuments,
  schemaNamed,
  serviceProviderConfig,
} from '../../scim/discovery.ts';
import { ScimError } from '../../scim/error.ts';
import type { JsonObject } from '../../scim/json.ts';
import { listHead } from '../../scim/list.ts';
import type { Handler, HttpContext } from '../context.ts';
import { respond } from '../respond.ts';

type DiscoveryHandlers = {
  readonly config: Handler;
  readonly resourceTypes: Handler;
  readonly resourceType: Handler;
  readonly schemas: Handler;
  readonly schema: Handler;
};

/** RFC 7644 §4. Paging is ignored there, and a filter refused, so that nobody takes the whole for a part. */
export function createDiscoveryHandlers(
  baseUri: (ctx: HttpContext) => string,
  limits: Limits,
  eventUris: readonly string[] | undefined,
): DiscoveryHandlers {
  const listOf = (documents: (base: string) => readonly JsonObject[]) => (ctx: HttpContext) => {
    if (ctx.query.filter !== undefined) throw new ScimError(403, undefined, 'There is no filter here');
    const found = documents(baseUri(ctx));
    respond(ctx, 200, { ...listHead(found.length, found.length, 1), Resources: found });
  };
  const oneOf = (named: (name: string, base: string) => JsonObject | undefined) => (ctx: HttpContext) => {
    const name = ctx.params.id ?? '';
    const found = named(name, baseUri(ctx));
    if (found === undefined) throw new ScimError(404, undefined, `There is no ${name}`);
    respond(ctx, 200, found);
  };
  return {
    config: (ctx) => respond(ctx, 200, serviceProviderConfig(baseUri(ctx), limits, eventUris)),
    resourceTypes: listOf(resourceTypeDocuments),
    resourceType: oneOf(resourceTypeNamed),
    schemas: listOf(schemaDocuments),
    schema: oneOf(schemaNamed),
  };
}
