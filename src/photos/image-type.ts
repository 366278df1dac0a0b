type Signature = {
  readonly type: string;
  /** What it begins with, as Latin-1; a dot is any byte. */
  readonly start: string;
};

const SIGNATURES: readonly Signature[] = [
  { type: 'image/png', start: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', start: '\xff\xd8\xff' },
  { type: 'image/gif', start: 'GIF87a' },
  { type: 'image/gif', start: 'GIF89a' },
  { type: 'image/webp', start: 'RIFF....WEBP' },
];

/** The types that a photo may have, for an `Accept` header. */
export const IMAGE_TYPES: readonly string[] = [...new Set(SIGNATURES.map(({ type }) => type))];

/** What the bytes are, whatever somebody says they are; undefined if no image that a client shows. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(({ start }) => beginsWith(bytes, start))?.type;
}

/** Whether a `Content-Type` is one of them. `image/jpg` is what many servers say. */
export function isImageType(contentType: string): boolean {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return type === 'image/jpg' || IMAGE_TYPES.includes(type);
}

function beginsWith(bytes: Uint8Array, start: string): boolean {
  return [...start].every((character, at) => character === '.' || bytes[at] === character.charCodeAt(0));
}
