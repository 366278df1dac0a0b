import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { json } from '@codemirror/legacy-modes/mode/javascript';
import { type Diagnostic, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { getLocation } from 'jsonc-parser';
import { lineEndOf } from './map-text.ts';

/** What is wrong at a place in the map, or seldom meant; lines and columns count from 1. */
export type Mark = {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
};

/** Something that can stand in the map: a key of a group, or a room. */
export type Word = { readonly text: string; readonly about?: string };

export type MapEditor = {
  /** Replaces the whole text, as one step that can be undone. */
  readonly setText: (text: string) => void;
  readonly goTo: (place: { readonly line: number; readonly column: number }) => void;
  readonly destroy: () => void;
};

type Options = {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly onChange: (text: string) => void;
  /** Asked when nobody typed for a moment. Does not reject: what can't be known has no marks. */
  readonly check: (text: string) => Promise<readonly Mark[]>;
  /** What exists and begins so. */
  readonly complete: (what: 'group' | 'room', beginning: string) => Promise<readonly Word[]>;
};

/** Milliseconds. */
const PAUSE = 400;

/**
 * An editor of the map as it is written. It is in a shadow root, whose styles are no elements: the policy of the page lets none
 * in that is not a file.
 */
export function createMapEditor(options: Options): MapEditor {
  const { parent, text, label, onChange, check, complete } = options;
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: 'open' });
  let lineEnd = lineEndOf(text);
  const read = ({ doc }: EditorState): string => doc.sliceString(0, doc.length, lineEnd);
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        ...[
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          lintGutter(),
        ],
        ...[search({ top: true }), EditorView.lineWrapping],
        ...[StreamLanguage.define(json), syntaxHighlighting(HIGHLIGHT), THEME],
        linter(async ({ state }) => diagnosticsOf(state, await check(read(state))), {
          delay: PAUSE,
        }),
        autocompletion({ override: [(context) => completionsAt(context, complete)] }),
        // Tab is a way out of the editor, as everywhere on the page.
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) onChange(read(state));
        }),
      ],
    }),
  });
  return {
    setText(next) {
      lineEnd = lineEndOf(next);
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(next) } });
    },
    goTo(place) {
      view.dispatch({ selection: { anchor: offsetOf(view.state, place) }, scrollIntoView: true });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}

type Place = { readonly line: number; readonly column: number };

function offsetOf(state: EditorState, { line, column }: Place): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.from + Math.max(0, column - 1), found.to);
}

function diagnosticsOf(state: EditorState, marks: readonly Mark[]): readonly Diagnostic[] {
  return marks.map(({ message, severity, ...place }) => {
    const from = offsetOf(state, place);
    // To the end of the word, or of what stands in quotes.
    const rest = state.doc.sliceString(from, state.doc.lineAt(from).to);
    const [word = ''] = /^("(?:[^"\\]|\\.)*"?|[\w.#!:@-]+|\S)/.exec(rest) ?? [];
    return { from, to: from + word.length, severity, message };
  });
}

/** Keys of the map are groups, and texts in what they open are rooms; other texts are words of the map. */
async function completionsAt(
  context: CompletionContext,
  complete: Options['complete'],
): Promise<CompletionResult | null> {
  const { state, pos } = context;
  const { path, isAtPropertyKey, previousNode } = getLocation(state.doc.toString(), pos);
  if (previousNode?.type !== 'string' && previousNode?.type !== 'property') return null;
  const from = previousNode.offset + 1;
  if (pos < from) return null;
  const what = isAtPropertyKey && path.length === 1 ? 'group' : isRoom(path) ? 'room' : undefined;
  if (what === undefined) return null;
  const words = await complete(what, state.doc.sliceString(from, pos));
  if (context.view?.hasFocus === false) return null;
  const to = Math.max(pos, previousNode.offset + previousNode.length - 1);
  return {
    ...{ from, to },
    filter: false,
    options: words.map(({ text, about }) => ({
      label: text,
      apply: JSON.stringify(text).slice(1, -1),
      // A space, for who hears it.
      ...(about !== undefined && { detail: ` ${about}` }),
    })),
  };
}

/** `"group": "#room"`, `"group": ["#room"]`, and `room` of an entry. */
function isRoom(path: readonly (string | number)[]): boolean {
  const last = path.at(-1);
  return path.length === 1 || last === 'room' || (path.length === 2 && typeof last === 'number');
}

const HIGHLIGHT = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--pico-primary)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--warn)' },
]);

const THEME = EditorView.theme({
  '&': { fontSize: '0.95rem', color: 'var(--pico-color)', backgroundColor: 'var(--pico-background-color)' },
  // The page marks what has the focus.
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { maxHeight: '70vh', fontFamily: 'var(--pico-font-family-monospace)' },
  '.cm-content, .cm-gutter': { minHeight: '16rem' },
  '.cm-content': { caretColor: 'currentColor' },
  '.cm-gutters': { backgroundColor: 'var(--ground)', color: 'var(--quiet)', borderColor: 'var(--line)' },
  '.cm-cursor': { borderLeftColor: 'currentColor' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '.cm-tooltip, .cm-panels': {
    backgroundColor: 'var(--ground)',
    color: 'var(--pico-color)',
    borderColor: 'var(--line)',
  },
  '.cm-diagnostic': { padding: '0.4rem 0.6rem' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--line)',
  },
});
