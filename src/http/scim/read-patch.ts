import { inPieces } from '../../pieces.ts';
import { effortOf } from '../../scim/effort.ts';
import { ScimError } from '../../scim/error.ts';
import { type Operation, operationsIn, parseOperations } from '../../scim/patch.ts';
import { mendOperations, mendPatch } from '../../scim/quirks/patch.ts';
import type { ResourceType } from '../../scim/schema/resource-type.ts';

/** More are no change of one resource, and come from somebody who wants to keep us busy. */
const MAX_OPERATIONS = 10_000;

/** Of all operations together: that many, with each of 1000 values, are compared in some tenths of a second. */
const MAX_EFFORT = 1000;

/** Operations read in one go: without a path, one may be as long as hundreds. */
const FEW = 10;

/** Reads a PATCH request; others have their turn between the pieces of a long one. Rejects with `ScimError` 400 or 413. */
export async function readPatch(body: unknown, type: ResourceType): Promise<readonly Operation[]> {
  const sent = operationsIn(mendPatch(body));
  if (sent.length > MAX_OPERATIONS) throw tooLarge(`A PATCH has at most ${MAX_OPERATIONS} operations`);
  const operations: Operation[] = [];
  let effort = 0;
  for await (const some of inPieces(sent, FEW)) {
    for (const one of some) {
      const read = parseOperations(mendOperations([one], type), type);
      for (const operation of read) operations.push(operation);
      effort += read.reduce((sum, operation) => sum + effortOf(operation), 0);
      if (effort > MAX_EFFORT) {
        throw tooLarge(`A PATCH has at most ${MAX_EFFORT} values and comparisons, members apart`);
      }
    }
  }
  return operations;
}

function tooLarge(detail: string): ScimError {
  return new ScimError(413, undefined, `${detail}: send several`);
}
