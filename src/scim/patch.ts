import { conformed, isKept } from './attributes.ts';
import { comparison } from './comparison.ts';
import { invalidSyntax, invalidValue, ScimError } from './error.ts';
import type { Filter } from './filter.ts';
import { isObject } from './json.ts';
import { type Path, parsePath, type Step } from './path.ts';
import { attributeNamed, elementOf, subAttributesOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { PATCH_OP, sameUrn } from './urns.ts';

/** One step of a PATCH (RFC 7644 §3.5.2): allowed, and its value of the type that the schema wants. */
export type Operation =
  | { readonly kind: 'add' | 'replace'; readonly path: Path; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: Path };

/** The operations of a PATCH request, unread. Throws `ScimError` 400 `invalidSyntax`. */
export function operationsIn(body: unknown): readonly unknown[] {
  if (!isObject(body)) throw invalidSyntax('A PATCH request is a JSON object');
  const { schemas, Operations: operations } = body;
  if (!Array.isArray(schemas) || !schemas.some((urn) => sameUrn(String(urn), PATCH_OP))) {
    throw invalidSyntax(`schemas has to name ${PATCH_OP}`);
  }
  if (!Array.isArray(operations)) throw invalidSyntax('Operations is a list');
  return operations;
}

/**
 * Reads operations as strictly as the RFC writes them. Whatever is wrong with any of them refuses them all.
 * Throws `ScimError` 400 with the types of RFC 7644 §3.12.
 */
export function parseOperations(operations: readonly unknown[], type: ResourceType): readonly Operation[] {
  return operations.flatMap((operation) => parseOperation(operation, type));
}

function parseOperation(raw: unknown, type: ResourceType): readonly Operation[] {
  if (!isObject(raw)) throw invalidSyntax('An operation is a JSON object');
  const { op: kind, path, value } = raw;
  if (kind !== 'add' && kind !== 'replace' && kind !== 'remove') {
    throw invalidSyntax('op is add, replace or remove');
  }
  if (path === undefined) return withoutPath(kind, value, type);
  if (typeof path !== 'string') throw new ScimError(400, 'invalidPath', 'path is a string');
  return operationAt(kind, parsePath(path, type), value);
}

/** The value has the attributes to change (RFC 7644 §3.5.2.1 and §3.5.2.3). */
function withoutPath(kind: Operation['kind'], value: unknown, type: ResourceType): readonly Operation[] {
  if (kind === 'remove') throw new ScimError(400, 'noTarget', 'remove needs a path');
  if (!isObject(value)) throw invalidValue('Without a path, the value is an object of attributes');
  return Object.entries(value).flatMap(([name, part]) => {
    const path = parsePath(name, type);
    if (path.length > 1 || path[0].filter !== undefined) {
      throw new ScimError(400, 'invalidPath', `"${name}" is not the name of an attribute`);
    }
    return operationAt(kind, path, part);
  });
}

function operationAt(kind: Operation['kind'], path: Path, value: unknown): readonly Operation[] {
  for (const { name, attribute } of path) {
    if (attribute?.mutability === 'readOnly' || attribute?.mutability === 'immutable') {
      throw new ScimError(400, 'mutability', `${name} cannot be changed`);
    }
  }
  const leaf: Step = path.at(-1) ?? path[0];
  const { attribute } = leaf;
  if (attribute !== undefined && !isKept(attribute)) return [];
  if (kind === 'remove') {
    return [{ kind, path: value === undefined ? path : choosing(path, value) }];
  }
  if (value === undefined) throw invalidValue(`${kind} needs a value`);
  return [{ kind, path, value: valueFor(leaf, value) }];
}

/**
 * A removal of the values in a list. RFC 7644 §3.5.2.2 knows no value in a removal, and would empty the list; whoever
 * sends one means those (authentik-11).
 */
function choosing(path: Path, value: unknown): Path {
  const [leaf, ...before] = path.toReversed();
  if (leaf?.attribute?.multiValued !== true || leaf.filter !== undefined) return path;
  const { attribute } = leaf;
  const values = conformed(value, attribute);
  if (!Array.isArray(values)) return path;
  const part = attributeNamed(subAttributesOf(attribute), 'value');
  const filters = values.map((entry: unknown): Filter => {
    const wanted = isObject(entry) ? entry.value : undefined;
    if (part === undefined || typeof wanted !== 'string')
      throw invalidValue('What to remove is named by its value');
    return comparison({ steps: [part.name], attribute: part }, 'eq', wanted);
  });
  const chosen: Step = { ...leaf, filter: { kind: 'or', filters } };
  const [first, ...rest] = [...before.reverse(), chosen];
  return [first ?? chosen, ...rest];
}

/** Brackets choose single values, so a single one takes their place. A list of members may be long, and only ids are read of it. */
function valueFor({ attribute, filter }: Step, value: unknown): unknown {
  if (attribute === undefined || (attribute.name === 'members' && Array.isArray(value))) return value;
  return conformed(value, filter === undefined ? attribute : elementOf(attribute));
}

/** Whether an operation is about this attribute of the core schema, or a part of it. */
export function isAbout({ path }: Operation, name: string): boolean {
  return path[0].name === name;
}
