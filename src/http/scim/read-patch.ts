import { inPieces } from '../../pieces.ts';
import { ScimError } from '../../scim/error.ts';
import { type Operation, operationsIn, parseOperations } from '../../scim/patch.ts';
import { mendOperations, mendPatch } from '../../scim/quirks/patch.ts';
import type { ResourceType } from '../../scim/schema/resource-type.ts';

/** More are no change of one resource, and come from somebody who wants to keep us busy. */
const MAX_OPERATIONS = 10_000;

/** Reads a PATCH request; others have their turn between the pieces of a long one. Rejects with `ScimError` 400 or 413. */
export async function readPatch(body: unknown, type: ResourceType): Promise<readonly Operation[]> {
  const sent = operationsIn(mendPatch(body));
  if (sent.length > MAX_OPERATIONS) {
    throw new ScimError(413, undefined, `A PATCH has at most ${MAX_OPERATIONS} operations: send several`);
  }
  const operations: Operation[] = [];
  for await (const some of inPieces(sent)) {
    operations.push(...parseOperations(mendOperations(some, type), type));
  }
  return operations;
}
