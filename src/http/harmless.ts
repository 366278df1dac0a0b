import { inPieces } from '../pieces.ts';
import { invalidSyntax, invalidValue } from '../scim/error.ts';
import { isPlainText } from '../scim/json.ts';

/** Deeper than any resource: an extension's complex attribute in a PATCH operation lies at 7. */
const MAX_DEPTH = 16;

/** Of one object: more is nobody's data, and each name is looked for in the schema. */
const MAX_ATTRIBUTES = 1000;

/**
 * Goes through a document, in which others have their turn if it is long, so that nothing behind this line need fear
 * its depth, its names or its texts. Rejects with `ScimError` 400: `invalidSyntax` for what recursion could exhaust the
 * stack over and for `__proto__`, `invalidValue` for an object with too many attributes and for what can't be kept as it is.
 */
export async function assertHarmless(document: unknown): Promise<void> {
  let level: readonly object[] = containersIn([document]);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw invalidSyntax(`Nested deeper than ${MAX_DEPTH} levels`);
    const inner: object[] = [];
    for await (const piece of inPieces(level)) {
      for (const each of piece) for (const part of containersIn(partsOf(each))) inner.push(part);
    }
    level = inner;
  }
}

function partsOf(container: object): readonly unknown[] {
  if (Array.isArray(container)) return container;
  const names = Object.keys(container);
  if (names.length > MAX_ATTRIBUTES)
    throw invalidValue(`An object has more than ${MAX_ATTRIBUTES} attributes`);
  names.forEach(assertName);
  return Object.values(container);
}

function assertName(name: string): void {
  if (name === '__proto__') throw invalidSyntax('An attribute cannot be named __proto__');
  assertText(name);
}

/** The objects and lists among the parts; the others are looked at. */
function containersIn(parts: readonly unknown[]): readonly object[] {
  const containers: object[] = [];
  for (const part of parts) {
    if (typeof part === 'string') assertText(part);
    else if (typeof part === 'number') assertNumber(part);
    else if (typeof part === 'object' && part !== null) containers.push(part);
  }
  return containers;
}

function assertText(text: string): void {
  if (!isPlainText(text)) throw invalidValue('A text has a NUL character, or half of a surrogate pair');
}

/** `1e400` is JSON, but would come back as null. */
function assertNumber(number: number): void {
  if (!Number.isFinite(number)) throw invalidValue('A number is too large');
}
