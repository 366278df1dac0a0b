import { foldCase } from '../directory/resource.ts';
import type { Comparison, Operator } from './comparison.ts';
import type { Filter } from './filter.ts';
import { isObject, type JsonObject } from './json.ts';
import type { SimpleAttribute } from './schema/attribute.ts';

/**
 * Whether a document meets a filter (RFC 7644 §3.4.2.2). Of a multi-valued attribute one value is enough, except
 * for `ne`, which is the opposite of `eq` and so also holds for what is absent.
 */
export function matches(filter: Filter, document: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => matches(part, document));
    case 'or':
      return filter.filters.some((part) => matches(part, document));
    case 'not':
      return !matches(filter.filter, document);
    case 'present':
      return valuesAt(document, filter.steps).some(isPresent);
    case 'some':
      return valuesAt(document, filter.steps).some(
        (value) => isObject(value) && matches(filter.filter, value),
      );
    case 'compare':
      return compares(filter, valuesAt(document, filter.steps));
  }
}

function compares({ attribute, operator, value }: Comparison, found: readonly unknown[]): boolean {
  const wanted = comparable(value, attribute);
  const meets = (test: Operator) => (candidate: unknown) =>
    holds(test, comparable(candidate, attribute), wanted);
  return operator === 'ne' ? !found.some(meets('eq')) : found.some(meets(operator));
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

/** Times become milliseconds since 1970, text loses its case unless the schema says that it matters. */
export function comparable(value: unknown, { type, caseExact }: SimpleAttribute): Scalar | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  if (type === 'dateTime') return Date.parse(value);
  return caseExact ? value : foldCase(value);
}

function holds(operator: Operator, found: Scalar | undefined, wanted: Scalar | undefined): boolean {
  if (found === undefined || wanted === undefined || typeof found !== typeof wanted) return false;
  switch (operator) {
    case 'eq':
      return found === wanted;
    case 'ne':
      return found !== wanted;
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
