import { ScimError } from './error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper than any resource: an extension's complex attribute in a PATCH operation lies at 7. */
const MAX_DEPTH = 16;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object without the keys. */
export function omit(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** The object with these names in this spelling, whatever their case was (RFC 7643 §2.1). */
export function spelled(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      const known = names.find((name) => name.toLowerCase() === key.toLowerCase());
      return [known ?? key, value];
    }),
  );
}

/**
 * Throws `ScimError` 400 `invalidSyntax` for a document that is nested so deeply that recursion over it could
 * exhaust the stack, or that has a key `__proto__`, so that nothing behind this line need fear either.
 */
export function assertHarmless(document: unknown): void {
  let level: readonly unknown[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH)
      throw new ScimError(400, 'invalidSyntax', `Nested deeper than ${MAX_DEPTH} levels`);
    level = level.flatMap(children);
  }
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [];
  if (Object.hasOwn(value, '__proto__')) {
    throw new ScimError(400, 'invalidSyntax', 'An attribute cannot be named __proto__');
  }
  return Object.values(value);
}
