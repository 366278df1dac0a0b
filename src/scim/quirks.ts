import { operatorNamed } from './comparison.ts';
import { ScimError } from './error.ts';
import { isObject, type JsonObject, omit } from './json.ts';
import { type Path, parsePath, type Step } from './path.ts';
import { type Attribute, attributeNamed, elementOf, subAttributesOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { type Token, tokenize } from './tokens.ts';
import { PATCH_OP, sameUrn } from './urns.ts';

/**
 * What real clients send that RFC 7643 and RFC 7644 do not allow, rewritten into what they do: all tolerance is
 * here, and the parsers behind stay strict. Each function names who needs it; the recordings named are those in
 * `test/recordings`. What cannot be mended is handed on as it is, to be refused where it is read.
 */

/**
 * Filters, and what stands in the brackets of paths:
 * - values without quotation marks: `userName eq akadmin` (authentik-07: Authentik to 2025.8.1, entra-03)
 * - booleans in quotation marks: `roles[primary eq "True"]` (Entra's validator)
 * - attributes of an extension without its URN: `id eq "x" and manager eq "y"` (Entra's reference check)
 */
export function mendFilter(text: string, type: ResourceType): string {
  const tokens = tokensOf(text);
  const pieces: string[] = [];
  let copied = 0;
  let isBracketed = false;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === '[' || token.kind === ']') isBracketed = token.kind === '[';
    const fixed = isValue(tokens, index)
      ? mendedLiteral(token, tokens[index - 2])
      : !isBracketed && isSubject(token, tokens[index + 1]) && qualified(token.text, type);
    if (!fixed) continue;
    pieces.push(text.slice(copied, token.start), fixed);
    copied = token.end;
  }
  return pieces.join('') + text.slice(copied);
}

function isValue(tokens: readonly Token[], index: number): boolean {
  const subject = tokens[index - 2];
  return subject?.kind === 'word' && !isOperatorToken(subject) && isOperatorToken(tokens[index - 1]);
}

/** Attributes stand before an operator or a bracket, or alone in a path; names in brackets are sub-attributes. */
function isSubject({ kind }: Token, next: Token | undefined): boolean {
  const isFollowed = next === undefined || next.kind === '[' || next.text.toLowerCase() === 'pr';
  return kind === 'word' && (isFollowed || isOperatorToken(next));
}

function qualified(name: string, { attributes, extensions }: ResourceType): string | undefined {
  const [first = ''] = name.split('.');
  if (attributeNamed(attributes, first) !== undefined) return undefined;
  const extension = extensions.find((schema) => attributeNamed(schema.attributes, first) !== undefined);
  return extension && `${extension.id}:${name}`;
}

function isOperatorToken(token: Token | undefined): boolean {
  return token?.kind === 'word' && operatorNamed(token.text) !== undefined;
}

function mendedLiteral({ kind, text }: Token, subject: Token | undefined): string | undefined {
  const boolean = /(?:^|[.:])(?:active|primary)$/i.test(subject?.text ?? '') ? booleanOf(text) : undefined;
  if (boolean !== undefined) return String(boolean);
  return kind === 'word' && text !== 'null' && booleanOf(text) === undefined
    ? JSON.stringify(text)
    : undefined;
}

function tokensOf(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch (error) {
    if (error instanceof ScimError) return [];
    throw error;
  }
}

/**
 * A resource sent whole:
 * - null for what has no value (entra-03, okta-06, JumpCloud, OneLogin)
 * - booleans as text, "True" and "false" (Entra's validator, Keycloak's patchOp mode)
 * - one object where a list is due (OneLogin's `emails`), a list of one where it is not (Entra's `manager`)
 * - ids as plain strings for members and for the manager (Entra)
 * - the core attributes behind the core schema's own URN (scimverify)
 * - no `schemas`
 */
export function mendResource(body: unknown, type: ResourceType): unknown {
  if (!isObject(body)) return body;
  return mendObject(withoutCoreUrn(body, type), type.attributes);
}

function mendObject(object: JsonObject, attributes: readonly Attribute[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, mendValue(value, attributeNamed(attributes, name))]),
  );
}

function mendValue(value: unknown, attribute: Attribute | undefined): unknown {
  if (attribute === undefined) return value;
  if (!attribute.multiValued) {
    const isLoneInList = Array.isArray(value) && value.length === 1;
    return mendElement(isLoneInList ? value[0] : value, attribute);
  }
  const isLone = isObject(value) || (attribute.name === 'members' && typeof value === 'string');
  const list = isLone ? [value] : value;
  if (!Array.isArray(list)) return value;
  return list.filter((entry) => entry !== null).map((entry) => mendElement(entry, attribute));
}

function mendElement(value: unknown, attribute: Attribute): unknown {
  if (attribute.type === 'boolean' && typeof value === 'string') return booleanOf(value) ?? value;
  if (attribute.type !== 'complex') return value;
  if (isObject(value)) return mendObject(value, subAttributesOf(attribute));
  const standsForId = attribute.name === 'members' || attribute.name === 'manager';
  return standsForId && typeof value === 'string' ? { value } : value;
}

function booleanOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower === 'true' : undefined;
}

function withoutCoreUrn(body: JsonObject, { schema }: ResourceType): JsonObject {
  const urn = Object.keys(body).find((key) => sameUrn(key, schema.id));
  const core = urn === undefined ? undefined : body[urn];
  return urn !== undefined && isObject(core) ? { ...omit(body, [urn]), ...core } : body;
}

/**
 * A PATCH request:
 * - no `schemas` (authentik-12), `operations`, `Op` and `"Replace"` in any case (entra-04)
 * - one operation that is not in a list
 */
export function mendPatch(body: unknown, type: ResourceType): unknown {
  if (!isObject(body)) return body;
  const { schemas, operations } = withLowerKeys(body);
  const list = isObject(operations) ? [operations] : operations;
  return {
    schemas: schemas ?? [PATCH_OP],
    Operations: Array.isArray(list) ? list.flatMap((operation) => mendOperation(operation, type)) : list,
  };
}

function mendOperation(raw: unknown, type: ResourceType): readonly unknown[] {
  if (!isObject(raw)) return [raw];
  const { op: sent, path, value } = withLowerKeys(raw);
  const op = typeof sent === 'string' ? sent.toLowerCase() : sent;
  if (path === undefined || path === null || (typeof path === 'string' && sameUrn(path, type.schema.id))) {
    return isObject(value) ? mendPathless(op, value, type) : [{ op, value }];
  }
  const mended = typeof path === 'string' ? mendFilter(path, type) : path;
  const steps = typeof mended === 'string' ? pathOf(mended, type) : undefined;
  const leaf = steps?.at(-1);
  if (steps === undefined || leaf === undefined) return [{ op, path: mended, value }];
  const operation = { op, path: String(mended) };
  if (op === 'remove') return mendRemove(operation, leaf, value);
  if (value === null) return op === 'add' ? [] : [{ ...operation, op: 'remove' }];
  if (isEmptied(value, leaf)) return [{ ...operation, op: 'remove' }];
  return [{ ...operation, value: mendPatchValue(value, leaf) }];
}

/**
 * Without a path:
 * - what only we set is sent along: `id` and `schemas` (authentik-12, okta-05)
 * - names that are paths themselves: `name.givenName`, or behind an extension's URN (Entra's newer mode)
 */
function mendPathless(op: unknown, value: JsonObject, type: ResourceType): readonly unknown[] {
  const names = Object.entries(withoutCoreUrn(value, type)).filter(([name]) => !isOurs(name, type));
  const isPlain = ([name, part]: readonly [string, unknown]) =>
    part !== null && part !== '' && isNameOnly(name, type);
  const plain = mendObject(Object.fromEntries(names.filter(isPlain)), type.attributes);
  const others = names.filter((entry) => !isPlain(entry));
  return [
    { op, value: plain },
    ...others.flatMap(([path, part]) => mendOperation({ op, path, value: part }, type)),
  ];
}

function isNameOnly(name: string, type: ResourceType): boolean {
  const [step, ...more] = pathOf(name, type) ?? [];
  return step?.filter === undefined && more.length === 0 && mendFilter(name, type) === name;
}

function isOurs(name: string, { attributes }: ResourceType): boolean {
  const attribute = attributeNamed(attributes, name);
  return attribute?.mutability === 'readOnly' || attribute?.name === 'schemas';
}

/**
 * `remove members` with a list of values removes those only (authentik-11, entra-08, google-ssosync-01, JumpCloud);
 * RFC 7644 §3.5.2.2 knows no value here, and would empty the group. Without a value, it does.
 */
function mendRemove(
  operation: { op: unknown; path: string },
  leaf: Step,
  value: unknown,
): readonly unknown[] {
  const isList = leaf.attribute?.multiValued === true && leaf.filter === undefined;
  if (!isList || value === undefined || value === null) return [operation];
  const values = mendValue(value, leaf.attribute);
  if (!Array.isArray(values)) throw new ScimError(400, 'invalidValue', 'What to remove is a list of values');
  return values.map((entry) => ({ ...operation, path: `${operation.path}[value eq ${quotedValue(entry)}]` }));
}

function quotedValue(entry: unknown): string {
  if (isObject(entry) && typeof entry.value === 'string') return JSON.stringify(entry.value);
  throw new ScimError(400, 'invalidValue', 'What to remove is named by its value');
}

/** An empty text, or an empty manager, unassigns what need not be there (Entra). */
function isEmptied(value: unknown, { attribute }: Step): boolean {
  if (attribute === undefined || attribute.required || attribute.multiValued) return false;
  const [only] = Array.isArray(value) ? value : [value];
  return only === '' || (attribute.type === 'complex' && isObject(only) && only.value === '');
}

function mendPatchValue(value: unknown, { attribute, filter }: Step): unknown {
  return mendValue(value, filter === undefined || attribute === undefined ? attribute : elementOf(attribute));
}

function pathOf(text: string, type: ResourceType): Path | undefined {
  try {
    return parsePath(text, type);
  } catch (error) {
    if (error instanceof ScimError) return undefined;
    throw error;
  }
}

function withLowerKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]));
}
