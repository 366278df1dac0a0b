import { isDeepStrictEqual } from 'node:util';

/**
 * RFC 7644 §3.4.2.2 once more, naively, on what clients see: for tests to compare the server with. It shares no code
 * with the server. A filter is made as a tree and printed, so that nothing has to be parsed.
 *
 * Where the RFC leaves it open:
 * - of several values one is enough; `ne` is the opposite of `eq`, and so holds where there is no value
 * - a complex attribute is compared by its `value`
 * - text that is not case exact is compared composed (NFC) and in lower case, and ordered by code units
 * - an absent attribute equals null; an `active` that is absent is true
 */
export type FilterTree =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly part: FilterTree }
  | { readonly kind: 'present'; readonly at: Subject }
  | { readonly kind: 'null'; readonly at: Subject; readonly operator: 'eq' | 'ne' }
  | {
      readonly kind: 'compare';
      readonly at: Subject;
      readonly operator: ComparisonOperator;
      readonly value: string | boolean;
    }
  /** `emails[part]`: one and the same value meets the part. */
  | { readonly kind: 'values'; readonly at: Subject; readonly part: FilterTree };

export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** An attribute by the names that lead to it; the first one may be the URN of a schema. */
export type Subject = {
  readonly steps: readonly string[];
  readonly type: 'text' | 'exact' | 'boolean' | 'time';
};

export type Spelling = {
  /** Names and operators in capitals. */
  readonly isLoud: boolean;
  /** Parentheses around everything. */
  readonly isNested: boolean;
  /** Letters beyond ASCII as `\uXXXX`. */
  readonly isEscaped: boolean;
};

const PLAIN: Spelling = { isLoud: false, isNested: false, isEscaped: false };

/** The text of a filter. */
export function printed(tree: FilterTree, spelling: Spelling = PLAIN): string {
  const bare = printedBare(tree, spelling);
  return spelling.isNested ? `(${bare})` : bare;
}

function printedBare(tree: FilterTree, spelling: Spelling): string {
  const word = (text: string) => (spelling.isLoud ? text.toUpperCase() : text);
  switch (tree.kind) {
    case 'and':
    case 'or':
      return tree.parts
        .map((part) =>
          tree.kind === 'and' && part.kind === 'or'
            ? `(${printed(part, spelling)})`
            : printed(part, spelling),
        )
        .join(` ${word(tree.kind)} `);
    case 'not':
      return `${word('not')} (${printed(tree.part, spelling)})`;
    case 'present':
      return `${word(pathOf(tree.at))} ${word('pr')}`;
    case 'null':
      return `${word(pathOf(tree.at))} ${word(tree.operator)} null`;
    case 'compare':
      return `${word(pathOf(tree.at))} ${word(tree.operator)} ${literal(tree.value, spelling)}`;
    case 'values':
      return `${word(pathOf(tree.at))}[${printed(tree.part, spelling)}]`;
  }
}

/** `name.givenName`, or `urn:…:User:manager.value`. */
export function pathOf({ steps }: Subject): string {
  const [first = '', ...rest] = steps;
  return first.startsWith('urn:') && rest.length > 0 ? `${first}:${rest.join('.')}` : steps.join('.');
}

function literal(value: string | boolean, { isEscaped }: Spelling): string {
  const text = JSON.stringify(value);
  const code = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return isEscaped ? text.replaceAll(/[^ -~]/g, code) : text;
}

/** The tree with other texts to compare with. */
export function withTexts(tree: FilterTree, change: (text: string) => string): FilterTree {
  switch (tree.kind) {
    case 'and':
    case 'or':
      return { ...tree, parts: tree.parts.map((part) => withTexts(part, change)) };
    case 'not':
    case 'values':
      return { ...tree, part: withTexts(tree.part, change) };
    case 'compare':
      return typeof tree.value === 'string' ? { ...tree, value: change(tree.value) } : tree;
    default:
      return tree;
  }
}

/** Whether a resource, as it was shown, or one value of an attribute, meets the filter. */
export function holds(tree: FilterTree, resource: unknown): boolean {
  switch (tree.kind) {
    case 'and':
      return tree.parts.every((part) => holds(part, resource));
    case 'or':
      return tree.parts.some((part) => holds(part, resource));
    case 'not':
      return !holds(tree.part, resource);
    case 'present':
      return valuesAt(resource, tree.at.steps).some(isPresent);
    case 'null':
      return valuesAt(resource, tree.at.steps).some(isPresent) === (tree.operator === 'ne');
    case 'values':
      return valuesAt(resource, tree.at.steps).some((value) => holds(tree.part, value));
    case 'compare':
      if (tree.operator === 'ne') return !holds({ ...tree, operator: 'eq' }, resource);
      return valuesAt(resource, tree.at.steps).some((value) => isMet(value, tree));
  }
}

/** All values that the names lead to; the core schema's URN leads nowhere (RFC 7644 §3.10). */
export function valuesAt(resource: unknown, [name, ...rest]: readonly string[]): readonly unknown[] {
  if (Array.isArray(resource))
    return resource.flatMap((entry) => valuesAt(entry, name === undefined ? [] : [name, ...rest]));
  if (name !== undefined && /:core:2\.0:/.test(name)) return valuesAt(resource, rest);
  if (name === undefined) return resource === undefined || resource === null ? [] : [resource];
  if (typeof resource !== 'object' || resource === null) return [];
  return valuesAt(new Map(Object.entries(resource)).get(name), rest);
}

/** "Non-empty, or containing a non-empty node". */
function isPresent(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isPresent);
  return value !== undefined && value !== null && value !== '';
}

function isMet(
  value: unknown,
  { at, operator, value: wanted }: Extract<FilterTree, { kind: 'compare' }>,
): boolean {
  const [own] = typeof value === 'object' ? valuesAt(value, ['value']) : [value];
  if (own === undefined) return false;
  const [left, right] = [comparable(own, at.type), comparable(wanted, at.type)];
  switch (operator) {
    case 'eq':
      return isDeepStrictEqual(left, right);
    case 'co':
      return String(left).includes(String(right));
    case 'sw':
      return String(left).startsWith(String(right));
    case 'ew':
      return String(left).endsWith(String(right));
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    default:
      return left <= right;
  }
}

/** What values of the type are compared as. */
export function comparable(value: unknown, type: Subject['type']): string | number | boolean {
  if (type === 'boolean') return value === true;
  if (type === 'time') return Date.parse(String(value));
  return type === 'exact' ? String(value) : String(value).normalize('NFC').toLowerCase();
}
