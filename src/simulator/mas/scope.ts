export const MAS_ADMIN = 'urn:mas:admin';
export const SYNAPSE_ADMIN = 'urn:synapse:admin:*';
export const MATRIX_API = 'urn:matrix:client:api:*';
const MATRIX_API_BEFORE = 'urn:matrix:org.matrix.msc2967.client:api:*';
const DEVICE = 'urn:matrix:client:device:';

/** The tokens of a scope (RFC 6749 §3.3), in order and each once. */
export type Scope = readonly string[];

/** Undefined if it is none; an empty text is none, either. */
export function parseScope(text: string): Scope | undefined {
  const tokens = text.split(' ');
  if (!tokens.every((token) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(token))) return undefined;
  return [...new Set(tokens)].sort();
}

export const deviceScope = (device: string): string => `${DEVICE}${device}`;

/** As it is told to Synapse: with the names that the Matrix API had before. */
export function normalised(scope: Scope): ReadonlySet<string> {
  return new Set([...scope, ...(scope.includes(MATRIX_API) ? [MATRIX_API_BEFORE] : [])]);
}
