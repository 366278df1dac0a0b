/**
 * What every SCIM resource has in common. Ids are ours (UUIDs, never reused); a resource belongs to the
 * source (the identity provider) whose token pushed it, and is visible to that source only.
 */
export type ResourceId = string & { readonly __brand: 'ResourceId' };
export type SourceId = string & { readonly __brand: 'SourceId' };

/**
 * SCIM attributes as the client sent them (RFC 7643 §2), without `id`, `meta` and the other attributes that
 * only we may set. Names of schema attributes are in the schema's own spelling; unknown ones are kept as sent.
 */
export type Attributes = Readonly<Record<string, unknown>>;

/** Fields common to users and groups. Times are milliseconds since 1970; `version` counts changes from 1. */
export type Resource = {
  readonly id: ResourceId;
  readonly source: SourceId;
  readonly attributes: Attributes;
  readonly version: number;
  readonly created: number;
  readonly lastModified: number;
};

/** The attribute's value if it is a string with something other than blanks in it. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** More accents on one letter than any language has. */
const TOO_MANY_MARKS = /\p{M}{30}/gu;

/**
 * Folds what RFC 7643 calls not case exact, so that equal names have equal keys. Normalising takes the square of the
 * number of marks on one letter, so endless ones are cut by a joiner, as Unicode does (UAX #15, stream-safe text).
 */
export function foldCase(value: string): string {
  const safe = value.length < 100 ? value : value.replace(TOO_MANY_MARKS, '$&\u034f');
  // Lower case first, since it may compose; a sigma at the end of a word is a sigma.
  return safe.normalize('NFC').toLowerCase().normalize('NFC').replaceAll('ς', 'σ');
}
