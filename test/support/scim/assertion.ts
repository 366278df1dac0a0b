import { isDeepStrictEqual } from 'node:util';

/** What must hold for a part of a JSON document: see test/recordings/FORMAT.md. */
export type Assertion = { readonly path: string; readonly op: string; readonly value?: unknown };

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Whether the assertion holds. Throws for an operator that nobody knows, so that none is passed over. */
export function assertionHolds({ path, op, value }: Assertion, document: unknown): boolean {
  const found = path.includes('[*]') ? [read(document, path)] : read(document, path);
  const [actual] = found;
  switch (op) {
    case 'absent':
      return actual === undefined || actual === null;
    case 'absentOrUrl':
      return actual === undefined || actual === null || URL.canParse(String(actual));
    case 'lenOrAbsent':
      return lengthOf(actual ?? []) === value;
    case 'exists':
      return found.length > 0;
    case 'eq':
      return isDeepStrictEqual(actual, value);
    case 'ne':
      return found.length > 0 && !isDeepStrictEqual(actual, value);
    case 'notEmpty':
      return lengthOf(actual) > 0;
    case 'type':
      return hasType(actual, value);
    case 'len':
      return lengthOf(actual) === value;
    case 'contains':
      return contains(actual, value);
    case 'notContains':
      return !contains(actual, value);
    case 'sameSet':
      return isDeepStrictEqual(sorted(actual), sorted(value));
    case 'in':
      return Array.isArray(value) && value.some((choice) => isDeepStrictEqual(choice, actual));
    case 'rfc3339':
      return typeof actual === 'string' && RFC3339.test(actual);
    default:
      throw new Error(`unknown assertion: ${op}`);
  }
}

/** The values at a path such as `$.a[0].b`, `$['urn:x'].c` or `$.list[*].d`; empty if there is nothing. */
export function read(document: unknown, path: string): readonly unknown[] {
  const keys = path.matchAll(/\.([\w$-]+)|\[(\d+|\*)\]|\['([^']+)'\]/g);
  return [...keys].reduce<readonly unknown[]>(
    (values, [, name, index, quoted]) =>
      values.flatMap((value) => {
        if (typeof value !== 'object' || value === null) return [];
        if (index === '*') return Object.values(value);
        const entry = Object.entries(value).find(([key]) => key === (name ?? index ?? quoted));
        return entry === undefined ? [] : [entry[1]];
      }),
    [document],
  );
}

function contains(actual: unknown, value: unknown): boolean {
  return Array.isArray(actual)
    ? actual.some((entry) => isDeepStrictEqual(entry, value))
    : String(actual).includes(String(value));
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value === undefined || value === null ? 0 : 1;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(String).sort() : value;
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
