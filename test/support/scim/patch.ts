import { isObject } from '../../../src/scim/json.ts';
import { type Operation, operationsIn, parseOperations } from '../../../src/scim/patch.ts';
import { mendOperations, mendPatch } from '../../../src/scim/quirks/patch.ts';
import type { ResourceType } from '../../../src/scim/schema/resource-type.ts';

/** A PATCH request, read as strictly as the RFC writes it. */
export function parsePatch(body: unknown, type: ResourceType): readonly Operation[] {
  return parseOperations(operationsIn(body), type);
}

/** A PATCH request of a real client, made what the RFC says. */
export function mended(body: unknown, type: ResourceType): unknown {
  const patch = mendPatch(body);
  if (!isObject(patch)) return patch;
  const { Operations: operations } = patch;
  return { ...patch, Operations: Array.isArray(operations) ? mendOperations(operations, type) : operations };
}
