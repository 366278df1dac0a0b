import { foldCase } from '../directory/resource.ts';
import type { Comparison, Operator } from './comparison.ts';
import type { Filter } from './filter.ts';
import { isObject, type JsonObject } from './json.ts';
import type { SimpleAttribute } from './schema/attribute.ts';

/** Tells whether a document meets a filter. */
export type Matcher = (document: JsonObject) => boolean;

/**
 * A filter made ready to be asked of many documents (RFC 7644 §3.4.2.2). Of a multi-valued attribute one value is
 * enough, except for `ne`, which is the opposite of `eq` and so also holds for what is absent.
 */
export function matcher(filter: Filter): Matcher {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return chain(filter.filters, filter.kind === 'and' ? 'every' : 'some');
    case 'not': {
      const meets = matcher(filter.filter);
      return (document) => !meets(document);
    }
    case 'present':
      return (document) => valuesAt(document, filter.steps).some(isPresent);
    case 'some': {
      const meets = matcher(filter.filter);
      return (document) => valuesAt(document, filter.steps).some((value) => isObject(value) && meets(value));
    }
    case 'compare':
      return comparer(filter, [filter], 'every');
  }
}

/** Filters may have hundreds of terms about one attribute, which is then read only once. */
function chain(filters: readonly Filter[], combine: 'every' | 'some'): Matcher {
  const comparisons = Map.groupBy(
    filters.filter((filter) => filter.kind === 'compare'),
    ({ steps }) => steps.join('.'),
  );
  const parts = [
    ...[...comparisons.values()].flatMap((same) => (same[0] ? comparer(same[0], same, combine) : [])),
    ...filters.filter(({ kind }) => kind !== 'compare').map(matcher),
  ];
  return (document) => parts[combine]((meets) => meets(document));
}

/** Comparisons with one and the same attribute. */
function comparer(
  { steps, attribute }: Comparison,
  comparisons: readonly Comparison[],
  combine: 'every' | 'some',
): Matcher {
  const tests = comparisons.map(({ operator, value }) => {
    const wanted = comparable(value, attribute);
    return operator === 'ne'
      ? (found: readonly Found[]) => !found.some((each) => holds('eq', each, wanted))
      : (found: readonly Found[]) => found.some((each) => holds(operator, each, wanted));
  });
  return (document) => {
    const found = valuesAt(document, steps).map((value) => comparable(value, attribute));
    return tests[combine]((test) => test(found));
  };
}

/** Every value at the end of the steps; each list on the way counts as its values. */
export function valuesAt(document: JsonObject, steps: readonly string[]): readonly unknown[] {
  return steps.reduce<readonly unknown[]>(
    (values, step) =>
      values.flatMap((value) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : [])),
    [document],
  );
}

/**
 * Neither null (RFC 7643 §2.5), nor an empty string, nor a list or object with nothing but such in it
 * (RFC 7644 §3.4.2.2, `pr`).
 */
function isPresent(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isPresent);
  if (isObject(value)) return Object.values(value).some(isPresent);
  return value !== null && value !== undefined && value !== '';
}

export type Scalar = string | number | boolean;

type Found = Scalar | undefined;

/** Times become milliseconds since 1970, text loses its case unless the schema says that it matters. */
export function comparable(value: unknown, { type, caseExact }: SimpleAttribute): Scalar | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (type === 'dateTime') return Date.parse(value);
  return caseExact ? value : foldCase(value);
}

function holds(operator: Exclude<Operator, 'ne'>, found: Found, wanted: Found): boolean {
  if (found === undefined || wanted === undefined || typeof found !== typeof wanted) return false;
  switch (operator) {
    case 'eq':
      return found === wanted;
    case 'gt':
      return found > wanted;
    case 'ge':
      return found >= wanted;
    case 'lt':
      return found < wanted;
    case 'le':
      return found <= wanted;
    case 'co':
      return String(found).includes(String(wanted));
    case 'sw':
      return String(found).startsWith(String(wanted));
    case 'ew':
      return String(found).endsWith(String(wanted));
  }
}
