import { isObject, type JsonObject } from './json.ts';
import { type Projection, project } from './projection.ts';

/** A resource as clients see it. Members stand apart, and come some at a time: there may be very many. */
export type Representation = {
  readonly resource: JsonObject;
  /** The entity tag, also if the resource is shown without `meta`. */
  readonly version: string;
  readonly members: AsyncIterable<readonly JsonObject[]> | undefined;
};

/** The part of a resource that was asked for. `whole` has a `meta.version`. */
export function represent(
  whole: JsonObject,
  projection: Projection,
  members: Representation['members'],
): Representation {
  const version = isObject(whole.meta) ? String(whole.meta.version) : '';
  return { resource: project(whole, projection), version, members };
}

/** The whole in one object. */
export async function wholeOf({ resource, members }: Representation): Promise<JsonObject> {
  if (members === undefined) return resource;
  const all: JsonObject[] = [];
  for await (const some of members) for (const member of some) all.push(member);
  return { ...resource, members: all };
}

/** The JSON text, piece by piece. */
export async function* textOf({ resource, members }: Representation): AsyncGenerator<string> {
  const text = JSON.stringify(resource);
  if (members === undefined) {
    yield text;
    return;
  }
  yield `${text.slice(0, -1)},"members":[`;
  let separator = '';
  for await (const some of members) {
    if (some.length === 0) continue;
    yield separator + JSON.stringify(some).slice(1, -1);
    separator = ',';
  }
  yield ']}';
}

/** The JSON text of a list, piece by piece; `head` is what stands beside the resources. */
export async function* listText(head: JsonObject, list: readonly Representation[]): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"Resources":[`;
  for (const [index, each] of list.entries()) {
    if (index > 0) yield ',';
    yield* textOf(each);
  }
  yield ']}';
}
