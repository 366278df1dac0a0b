import { conformed, isKept } from './attributes.ts';
import { ScimError } from './error.ts';
import { isObject } from './json.ts';
import { type Path, parsePath, type Step } from './path.ts';
import { elementOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { PATCH_OP, sameUrn } from './urns.ts';

/** One step of a PATCH (RFC 7644 §3.5.2): allowed, and its value of the type that the schema wants. */
export type Operation =
  | { readonly kind: 'add' | 'replace'; readonly path: Path; readonly value: unknown }
  | { readonly kind: 'remove'; readonly path: Path };

/**
 * Reads a PATCH request, as strictly as the RFC writes it. Whatever is wrong with any operation refuses them all.
 * Throws `ScimError` 400 with the types of RFC 7644 §3.12.
 */
export function parsePatch(body: unknown, type: ResourceType): readonly Operation[] {
  if (!isObject(body)) throw invalidSyntax('A PATCH request is a JSON object');
  const { schemas, Operations: operations } = body;
  if (!Array.isArray(schemas) || !schemas.some((urn) => sameUrn(String(urn), PATCH_OP))) {
    throw invalidSyntax(`schemas has to name ${PATCH_OP}`);
  }
  if (!Array.isArray(operations)) throw invalidSyntax('Operations is a list');
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
    // RFC 7644 §3.5.2.2: a required attribute cannot become unassigned.
    if (attribute?.required) throw new ScimError(400, 'mutability', `${leaf.name} is required`);
    return [{ kind, path }];
  }
  if (value === undefined) throw invalidValue(`${kind} needs a value`);
  return [{ kind, path, value: valueFor(leaf, value) }];
}

/** Brackets choose single values, so a single one takes their place. */
function valueFor({ attribute, filter }: Step, value: unknown): unknown {
  if (attribute === undefined) return value;
  return conformed(value, filter === undefined ? attribute : elementOf(attribute));
}

/** Whether an operation is about this attribute of the core schema, or a part of it. */
export function isAbout({ path }: Operation, name: string): boolean {
  return path[0].name === name;
}

function invalidSyntax(detail: string): ScimError {
  return new ScimError(400, 'invalidSyntax', detail);
}

function invalidValue(detail: string): ScimError {
  return new ScimError(400, 'invalidValue', detail);
}
