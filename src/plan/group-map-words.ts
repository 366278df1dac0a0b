import type { Node } from 'jsonc-parser';
import type { Words } from './group-map.ts';
import { fieldOf } from './group-map-fields.ts';
import type { MapText } from './group-map-text.ts';

/** A word, and not a handbook: several may come in one message, and an event has 65,536 bytes at most. */
const LONGEST = 1000;

/** What is said to who is added or removed; undefined if nothing is, or there is a problem, which is reported. */
export function readWords(text: MapText, node: Node | undefined): Words | undefined {
  if (!node) return undefined;
  if (node.type !== 'object' || node.children?.length === 0) {
    const good = '{ "added": "…", "removed": "…" }, or one of these two fields';
    text.report(node, `"words" must be ${good}, not ${text.quote(node)}`);
    return undefined;
  }
  const field = fieldOf(text, node, 'words');
  return {
    added: readWord(text, field('added'), 'added'),
    removed: readWord(text, field('removed'), 'removed'),
  };
}

function readWord(text: MapText, node: Node | undefined, name: keyof Words): string | undefined {
  if (!node) return undefined;
  const word = node.type === 'string' ? String(node.value).trim() : '';
  const { length } = [...word];
  if (length > 0 && length <= LONGEST) return word;
  const found = length > 0 ? `has ${length} characters` : `is ${text.quote(node)}`;
  text.report(node, `"${name}" must be a text of 1 to ${LONGEST} characters: this ${found}`);
  return undefined;
}
