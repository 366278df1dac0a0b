import fc, { type Arbitrary } from 'fast-check';

/** Texts to choose from, written with a bar between each two. */
export function choices(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split('|'));
}

/** One of them. */
export function among(...lines: readonly string[]): Arbitrary<string> {
  return fc.constantFrom(...choices(...lines));
}

/** A value, or undefined. */
export function some<T>(value: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

/** The object without what is undefined. */
export function compact<T>(
  object: Readonly<Record<string, T>>,
): Readonly<Record<string, Exclude<T, undefined>>> {
  const isThere = (entry: [string, T]): entry is [string, Exclude<T, undefined>] => entry[1] !== undefined;
  return Object.fromEntries(Object.entries(object).filter(isThere));
}
