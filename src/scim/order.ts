import { simplePart, type Target } from './comparison.ts';
import { invalidValue } from './error.ts';
import { comparable, type Scalar, valuesAt } from './evaluate.ts';
import { resolveInAny, targetOf } from './filter.ts';
import { isObject, type JsonObject } from './json.ts';
import type { SimpleAttribute } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';

/** RFC 7644 §3.4.2.3. `by` undefined: the order of creation. */
export type Order = { readonly by: SortAttribute | undefined; readonly isDescending: boolean };

export type SortAttribute = { readonly steps: readonly string[]; readonly attribute: SimpleAttribute };

/** Throws `ScimError` 400 `invalidValue` if there is no such attribute, or none with an order. */
export function readOrder(
  { sortBy, sortOrder }: JsonObject,
  type: ResourceType,
  others: readonly ResourceType[] = [],
): Order {
  return { by: readSortBy(sortBy, [type, ...others]), isDescending: isDescending(sortOrder) };
}

function readSortBy(sortBy: unknown, types: readonly ResourceType[]): SortAttribute | undefined {
  if (isAbsent(sortBy)) return undefined;
  const names = typeof sortBy === 'string' ? resolveInAny(sortBy.trim(), types) : undefined;
  const target = targetOf(names ?? []);
  if (target === undefined) throw invalidValue('sortBy is not an attribute of these resources');
  return sortable(target);
}

function sortable(target: Target): SortAttribute {
  try {
    return simplePart(target);
  } catch (cause) {
    throw invalidValue('sortBy has to be an attribute with a single value', cause);
  }
}

function isDescending(sortOrder: unknown): boolean {
  if (isAbsent(sortOrder)) return false;
  const order = typeof sortOrder === 'string' ? sortOrder.toLowerCase() : undefined;
  if (order !== 'ascending' && order !== 'descending')
    throw invalidValue('sortOrder is ascending or descending');
  return order === 'descending';
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** What a resource is sorted by: of several values the primary one, else the first. Undefined: it has none. */
export function sortKey(document: JsonObject, { steps, attribute }: SortAttribute): Scalar | undefined {
  const [first = '', ...more] = steps;
  const values = document[first];
  const list: readonly unknown[] = Array.isArray(values) ? values : [values];
  const chosen = list.find((value) => isObject(value) && value.primary === true) ?? list[0];
  const [found] = valuesAt({ [first]: chosen }, [first, ...more]);
  return comparable(found, attribute);
}

/** Those without a value are last, and first when descending. Equal ones are left in their order. */
export function compareKeys(
  left: Scalar | undefined,
  right: Scalar | undefined,
  { isDescending }: Order,
): number {
  const ascending = compared(left, right);
  return isDescending ? -ascending : ascending;
}

function compared(left: Scalar | undefined, right: Scalar | undefined): number {
  if (left === right) return 0;
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return left < right ? -1 : 1;
}

/** By code point, as the store's indexes do; `<` compares UTF-16 units. */
function compareText(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
