/**
 * What a terminal acts on, or what turns a text round, so that one reads something else than is there: control
 * characters, other line ends, marks of direction (Unicode Bidirectional Algorithm, "Explicit Directional Formatting").
 */
const ACTIVE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text that others chose, such as a name, for a place in a line: it can't end the line, nor act on a terminal. */
export function oneLine(text: string): string {
  return text.replace(ACTIVE, '\ufffd');
}

/** Lines of ours, with what others chose in them. */
export function harmlessLines(text: string): string {
  return text.replace(ACTIVE, (character) => (/[\n\t]/.test(character) ? character : '\ufffd'));
}

/** The same value for who parses it, and as harmless for who looks at it. */
export function harmlessJson(
  value: unknown,
  indent?: number,
  replacer?: (key: string, value: unknown) => unknown,
) {
  return JSON.stringify(value, replacer, indent).replace(ACTIVE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
