export type JsonObject = Readonly<Record<string, unknown>>;

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

/** Whether a text can be kept and sent as it is: no NUL, and no half of a surrogate pair (RFC 8259 §8.2). */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
