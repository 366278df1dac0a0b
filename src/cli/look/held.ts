import { roomNames } from '../../desk/desk.ts';
import { changeJson, holdJson, numbersOf, readAllChanges, readChanges, readHolds } from '../../desk/held.ts';
import { count, when } from '../../desk/words.ts';
import { whole } from '../../pieces.ts';
import { type HeldChange, type HoldView, sizeOf } from '../../plan/holds.ts';
import { oneLine } from '../../plan/legible.ts';
import type { Store } from '../../store/store.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, show } from './desk.ts';
import { wrapped } from './text.ts';

/** Holds, and changes of each. */
const MOST = 20;

type Options = { readonly json: boolean; readonly all: boolean };
type Filled = HoldView & { readonly changes: readonly HeldChange[] };

/** Lists what waits for a decision. Exits with 1 if something does. */
export async function heldCommand(terminal: Terminal, { json, all }: Options): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const { store, now } = desk;
    const names = await roomNames(desk);
    const holds = await readHolds(store);
    const isWhole = all || json;
    const filled = await fill(store, isWhole ? holds : holds.slice(0, MOST), isWhole);
    show(terminal, json, filled.map(filledJson), () =>
      render(filled, { now, names, more: holds.length - filled.length }),
    );
    return holds.some(({ verdict }) => verdict === undefined) ? EXIT.failed : EXIT.ok;
  });
}

/** With what is in them, or with the first of it. */
async function fill(store: Store, holds: readonly HoldView[], isWhole: boolean): Promise<readonly Filled[]> {
  const filled: Filled[] = [];
  for (const hold of holds) {
    const changes = isWhole
      ? await whole(readAllChanges(store, hold))
      : (await readChanges(store, hold, { cursor: undefined, limit: MOST })).items;
    filled.push({ ...hold, changes });
  }
  return filled;
}

function filledJson({ changes, ...hold }: Filled) {
  return { ...holdJson(hold), changes: changes.map(changeJson) };
}

type Look = {
  readonly now: number;
  readonly names: ReadonlyMap<string, string>;
  /** Holds that are not shown. */
  readonly more: number;
};

function render(holds: readonly Filled[], look: Look): string {
  if (holds.length === 0) return 'Nothing is held.';
  const rest = look.more > 0 ? [`… and ${count(look.more, 'more hold')}: usher held --all`] : [];
  return [...holds.map((hold) => renderHold(hold, look)), ...rest].join('\n\n');
}

function renderHold(hold: Filled, { now, names }: Look): string {
  const { digest, reason, since, verdict, counts, changes } = hold;
  const shown = changes.map(({ detail, roomId = '' }) => {
    const name = names.get(roomId);
    return `  ${oneLine(name === undefined ? detail : detail.replaceAll(roomId, name))}`;
  });
  const size = sizeOf(hold);
  const rest = size - shown.length;
  return [
    ...wrapped(`${digest}  ${reason}`, 0),
    `  since ${when(since, now)}; ${numbersOf(counts)}`,
    '',
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more: usher held --all`] : []),
    ...causesOf(changes),
    ...(size > 0 ? [''] : []),
    `  ${size === 0 ? 'to end the hold:   ' : 'to let it happen:  '}usher approve ${digest}`,
    ...(verdict === 'rejected' || size === 0 ? [] : [`  to keep them:      usher reject ${digest}`]),
  ].join('\n');
}

const MOST_CAUSES = 3;

/** What led to what is shown: the requests of the provider, or what a full pass found. */
function causesOf(changes: readonly HeldChange[]): readonly string[] {
  const causes = [...new Set(changes.flatMap(({ cause }) => cause ?? []))];
  const rest = causes.length - MOST_CAUSES;
  return [
    ...causes
      .slice(0, MOST_CAUSES)
      .flatMap((cause) => wrapped(`cause: ${cause}`, 2).map((line) => `  ${line}`)),
    ...(rest > 0 ? [`  … and ${rest} more causes`] : []),
  ];
}
