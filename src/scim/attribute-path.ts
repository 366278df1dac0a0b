import { type Attribute, attributeNamed, subAttributesOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { sameUrn } from './urns.ts';

/** One name on the way to a value; in the schema's spelling if the schema has it, else as it was sent. */
export type Named = { readonly name: string; readonly attribute: Attribute | undefined };

/** RFC 7643 §2.1, `ATTRNAME`; `$ref` is the one name with a dollar. */
const NAME = /^\$?[a-z][\w-]*$/i;

/** Characters: no name is longer, and the pattern below takes the square of it. */
const MAX_LENGTH = 500;

/** A schema URN that nobody declared to us; the version is what tells its end from an attribute's name. */
const FOREIGN = /^(urn:.+:\d+(?:\.\d+)*:[a-z]\w*)(?::(.+))?$/i;

/**
 * Resolves an attribute path without brackets (RFC 7644 §3.10): `userName`, `name.givenName`, a schema's URN, or
 * either behind the URN and a colon. The core schema's own URN adds nothing. Undefined if it is none.
 */
export function resolveInResource(path: string, type: ResourceType): readonly Named[] | undefined {
  if (path.length > MAX_LENGTH) return undefined;
  if (!/^urn:/i.test(path)) return resolveNames(path, type.attributes);
  const core = behind(path, type.schema.id);
  if (core !== undefined) return resolveNames(core, type.attributes);
  for (const { id, attributes } of type.extensions) {
    const container = { name: id, attribute: attributeNamed(type.attributes, id) };
    if (sameUrn(path, id)) return [container];
    const names = behind(path, id);
    if (names !== undefined) return prefixed(container, resolveNames(names, attributes));
  }
  return resolveForeign(path);
}

/** Resolves `name` or `name.sub` among the attributes given. */
export function resolveNames(path: string, attributes: readonly Attribute[]): readonly Named[] | undefined {
  const [first = '', second, ...more] = path.split('.');
  if (more.length > 0 || !NAME.test(first)) return undefined;
  const named = nameIn(attributes, first);
  if (second === undefined) return [named];
  if (named.attribute !== undefined && named.attribute.type !== 'complex') return undefined;
  return NAME.test(second) ? [named, nameIn(subAttributesOf(named.attribute), second)] : undefined;
}

function resolveForeign(path: string): readonly Named[] | undefined {
  const [, urn, names] = FOREIGN.exec(path) ?? [];
  if (urn === undefined) return undefined;
  const container = { name: urn, attribute: undefined };
  return names === undefined ? [container] : prefixed(container, resolveNames(names, []));
}

function behind(path: string, urn: string): string | undefined {
  return path[urn.length] === ':' && sameUrn(path.slice(0, urn.length), urn)
    ? path.slice(urn.length + 1)
    : undefined;
}

function prefixed(container: Named, names: readonly Named[] | undefined): readonly Named[] | undefined {
  return names && [container, ...names];
}

function nameIn(attributes: readonly Attribute[], name: string): Named {
  const attribute = attributeNamed(attributes, name);
  return { name: attribute?.name ?? name, attribute };
}
