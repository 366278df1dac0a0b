import { HomeserverError } from '../matrix/error.ts';
import type { RestCall, RestClient } from '../rest/client.ts';
import { type JsonObject, list, object, text } from '../rest/read.ts';

/** A resource of the admin API. `id` is a ULID. */
export type Resource = { readonly id: string; readonly attributes: JsonObject };

/** The one resource of an answer. */
export function resourceIn(answer: unknown, what: string): Resource {
  return resourceOf(object(answer, what).data, what);
}

/** As many as MAS gives at once; its own default is 10. */
const PAGE_SIZE = '1000';

/** All resources of a list, page by page, in the order of their ids. */
export async function* resources(
  client: RestClient,
  call: Pick<RestCall, 'route' | 'query'>,
  what: string,
): AsyncGenerator<Resource> {
  let after: string | undefined;
  do {
    const query = { ...call.query, count: 'false', 'page[first]': PAGE_SIZE };
    const answer = object(
      await client.call({
        ...{ method: 'GET', route: call.route },
        query: after === undefined ? query : { ...query, 'page[after]': after },
      }),
      `the page of each ${what}`,
    );
    const page = list(answer.data, what).map((each) => resourceOf(each, what));
    yield* page;
    const isLast = object(answer.links, 'links').next === undefined;
    const end = page.at(-1)?.id;
    // MAS 1.22 gives the first page of user-sessions for ever.
    if (!isLast && (end === undefined || end === after)) {
      throw new HomeserverError('protocol', `no end of the pages of each ${what}`);
    }
    after = isLast ? undefined : end;
  } while (after !== undefined);
}

/** The same at once, of a list that is short. */
export async function allResources(...args: Parameters<typeof resources>): Promise<readonly Resource[]> {
  const all: Resource[] = [];
  for await (const each of resources(...args)) all.push(each);
  return all;
}

function resourceOf(value: unknown, what: string): Resource {
  const { id, attributes } = object(value, what);
  return { id: text(id, `the id of the ${what}`), attributes: object(attributes, what) };
}
