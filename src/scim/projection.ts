import { invalidValue } from './error.ts';
import { isObject, type JsonObject } from './json.ts';
import type { ResourceType } from './schema/resource-type.ts';

/**
 * Which attributes an answer has (RFC 7644 §3.4.2.5). Names are in lower case; a name stands for an attribute with
 * all that is in it, `name.sub` for a part of it.
 */
export type Projection = {
  readonly kind: 'only' | 'except';
  readonly names: ReadonlySet<string>;
  /** What the names are parts of. */
  readonly wholes: ReadonlySet<string>;
};

/** Characters: longer than any URL, and so only refused in a search by POST, where nothing was written before. */
const MAX_LENGTH = 20_000;

/** Returned whatever is asked (RFC 7643 §3.1, `returned: always`). */
const ALWAYS: ReadonlySet<string> = new Set(['schemas', 'id']);

/** `attributes` counts where both are given; names that nothing has are of no consequence. Throws `ScimError` 400. */
export function readProjection(attributes: unknown, excluded: unknown, type: ResourceType): Projection {
  const wanted = namesIn(attributes, type);
  return wanted.size > 0 ? projectionOf('only', wanted) : projectionOf('except', namesIn(excluded, type));
}

/** Whether the answer has the attribute or a part of it: if not, it need not be read. */
export function includes({ kind, names, wholes }: Projection, name: string): boolean {
  const wanted = name.toLowerCase();
  if (ALWAYS.has(wanted)) return true;
  if (kind === 'except') return !names.has(wanted);
  return names.has(wanted) || wholes.has(wanted);
}

export function project(resource: JsonObject, projection: Projection): JsonObject {
  if (isAll(projection)) return resource;
  return projected(resource, projection, '');
}

/** One value of an attribute, as `project` would leave it in its resource. */
export function projectWithin(value: JsonObject, projection: Projection, name: string): JsonObject {
  if (isAll(projection) || (projection.kind === 'only' && projection.names.has(name))) return value;
  return projected(value, projection, `${name}${separator(name)}`);
}

/** Nothing is left out: what most requests ask for. */
function isAll({ kind, names }: Projection): boolean {
  return kind === 'except' && names.size === 0;
}

/** Nothing but these, and what is always there. */
export function only(names: readonly string[]): Projection {
  return projectionOf('only', new Set(names.map((name) => name.toLowerCase())));
}

function projectionOf(kind: Projection['kind'], names: ReadonlySet<string>): Projection {
  const wholes = [...names].flatMap((name) => {
    const ends = [...name.matchAll(name.startsWith('urn:') ? /[.:]/g : /\./g)];
    return ends.map(({ index }) => name.slice(0, index));
  });
  return { kind, names, wholes: new Set(wholes) };
}

function projected(object: JsonObject, projection: Projection, prefix: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      const name = `${prefix}${key.toLowerCase()}`;
      if (!includes(projection, name)) return [];
      const isWhole = projection.kind === 'only' && projection.names.has(name);
      return [
        [key, isWhole ? value : projectedValue(value, projection, `${name}${separator(name)}`)] as const,
      ];
    }),
  );
}

function projectedValue(value: unknown, projection: Projection, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => projectedValue(entry, projection, prefix));
  return isObject(value) ? projected(value, projection, prefix) : value;
}

/** An attribute of an extension stands behind its URN and a colon, a sub-attribute behind a dot. */
function separator(name: string): string {
  return name.startsWith('urn:') && !/:\d+\.\d+:\w+:/.test(name) ? ':' : '.';
}

function namesIn(list: unknown, { schema }: ResourceType): ReadonlySet<string> {
  const core = `${schema.id.toLowerCase()}:`;
  const parts: readonly unknown[] = Array.isArray(list) ? list : [list];
  // A value filter chooses nothing here (RFC 7644 §3.10): `emails[type eq "work"]` is all e-mails.
  const text = parts.filter((part) => typeof part === 'string').join();
  if (text.length > MAX_LENGTH) throw invalidValue('There are too many attributes to show');
  return new Set(
    text
      .replace(/\[[^[\]]*\]/g, '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '')
      .map((name) => (name.startsWith(core) ? name.slice(core.length) : name)),
  );
}
