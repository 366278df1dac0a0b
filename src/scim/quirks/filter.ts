import { operatorNamed } from '../comparison.ts';
import { ScimError } from '../error.ts';
import { attributeNamed } from '../schema/attribute.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import { type Token, tokenize } from '../tokens.ts';

/**
 * Filters, and what stands in the brackets of paths:
 * - values without quotation marks: `userName eq akadmin` (authentik-07: Authentik to 2025.8.1, entra-03), or in
 *   apostrophes (generic-01), which would else stay part of the value and match nobody
 * - booleans in quotation marks: `roles[primary eq "True"]` (Entra's validator)
 * - attributes of an extension without its URN: `id eq "x" and manager eq "y"` (entra-10, Entra's reference check), or
 *   with a dot behind it (entra-reference-postman-garbage)
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
  const dotted = extensions.find(({ id }) => name.toLowerCase().startsWith(`${id.toLowerCase()}.`));
  if (dotted !== undefined) return `${dotted.id}:${name.slice(dotted.id.length + 1)}`;
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
  if (kind !== 'word' || text === 'null' || booleanOf(text) !== undefined) return undefined;
  return JSON.stringify(/^'(.*)'$/.exec(text)?.[1] ?? text);
}

function tokensOf(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch (error) {
    if (error instanceof ScimError) return [];
    throw error;
  }
}

export function booleanOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower === 'true' : undefined;
}
