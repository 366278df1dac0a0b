import { type Named, resolveInResource, resolveNames } from './attribute-path.ts';
import { ScimError } from './error.ts';
import { type Filter, parseValueFilter } from './filter.ts';
import { subAttributesOf } from './schema/attribute.ts';
import type { ResourceType } from './schema/resource-type.ts';
import { type Token, tokenize } from './tokens.ts';

/** One name of a path; `filter` chooses among the values of a multi-valued attribute. */
export type Step = Named & { readonly filter: Filter | undefined };

/** Where a PATCH operation applies: an extension's URN if there is one, an attribute, a sub-attribute. */
export type Path = readonly [Step, ...Step[]];

/**
 * Reads a path of RFC 7644 §3.5.2 (figure 7). Names that no schema has are let through: what becomes of them is
 * decided elsewhere. Throws `ScimError` 400 `invalidPath`, and `invalidFilter` for what stands in brackets.
 */
export function parsePath(text: string, type: ResourceType): Path {
  const tokens = tokensOf(text);
  const [first, bracket] = tokens;
  if (first?.kind !== 'word') throw invalid(text);
  const [head, ...rest] = resolveInResource(first.text, type) ?? [];
  if (head === undefined) throw invalid(text);
  const path: Path = [unfiltered(head), ...rest.map(unfiltered)];
  return bracket === undefined ? path : withFilter(path, tokens.slice(1), text);
}

function tokensOf(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch (cause) {
    throw invalid(text, cause);
  }
}

function withFilter(path: Path, tokens: readonly Token[], text: string): Path {
  const close = tokens.findLastIndex(({ kind }) => kind === ']');
  const filtered = path.at(-1);
  const attribute = filtered?.attribute;
  if (tokens[0]?.kind !== '[' || close < 0 || filtered === undefined) throw invalid(text);
  if (attribute?.type !== 'complex' || !attribute.multiValued) throw invalid(text);
  const filter = parseValueFilter(tokens.slice(1, close), attribute);
  const [head, ...middle] = path.slice(0, -1);
  const last: Step = { ...filtered, filter };
  const behind = stepsBehind(last, tokens.slice(close + 1), text);
  return head === undefined ? [last, ...behind] : [head, ...middle, last, ...behind];
}

/** The sub-attribute behind the brackets, if there is one. */
function stepsBehind(step: Step, tokens: readonly Token[], text: string): readonly Step[] {
  const [token, ...more] = tokens;
  if (token === undefined) return [];
  const isSub = token.kind === 'word' && token.text.startsWith('.') && more.length === 0;
  const names = isSub ? resolveNames(token.text.slice(1), subAttributesOf(step.attribute)) : undefined;
  const [sub] = names ?? [];
  if (sub === undefined || names?.length !== 1) throw invalid(text);
  return [unfiltered(sub)];
}

function unfiltered(named: Named): Step {
  return { ...named, filter: undefined };
}

function invalid(text: string, cause?: unknown): ScimError {
  return new ScimError(400, 'invalidPath', `"${text}" is not a path of this resource`, cause);
}
