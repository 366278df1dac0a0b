import { roomNames } from '../../desk/desk.ts';
import { holdJson, numbersOf, readHolds } from '../../desk/held.ts';
import { when } from '../../desk/words.ts';
import type { HoldView } from '../../plan/holds.ts';
import { oneLine } from '../../plan/legible.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, show } from './desk.ts';
import { wrapped } from './text.ts';

const MOST = 20;

/** Lists what waits for a decision. Exits with 1 if something does. */
export async function heldCommand(
  terminal: Terminal,
  options: { readonly json: boolean; readonly all: boolean },
): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const { store, now } = desk;
    const names = await roomNames(desk);
    const holds = await readHolds(store);
    const most = options.all ? Number.POSITIVE_INFINITY : MOST;
    show(terminal, options.json, holds.map(holdJson), () => render(holds, { most, now, names }));
    return holds.some(({ verdict }) => verdict === undefined) ? EXIT.failed : EXIT.ok;
  });
}

type Look = { readonly most: number; readonly now: number; readonly names: ReadonlyMap<string, string> };

function render(holds: readonly HoldView[], look: Look): string {
  if (holds.length === 0) return 'Nothing is held.';
  return holds.map((hold) => renderHold(hold, look)).join('\n\n');
}

function renderHold(
  { digest, reason, since, verdict, changes }: HoldView,
  { most, now, names }: Look,
): string {
  const shown = changes.slice(0, most).map(({ detail, roomId = '' }) => {
    const name = names.get(roomId);
    return `  ${oneLine(name === undefined ? detail : detail.replaceAll(roomId, name))}`;
  });
  const rest = changes.length - shown.length;
  return [
    ...wrapped(`${digest}  ${reason}`, 0),
    `  since ${when(since, now)}; ${numbersOf(changes)}`,
    '',
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more: usher held --all`] : []),
    ...causesOf(changes),
    ...(changes.length > 0 ? [''] : []),
    `  ${changes.length === 0 ? 'to end the hold:   ' : 'to let it happen:  '}usher approve ${digest}`,
    ...(verdict === 'rejected' || changes.length === 0
      ? []
      : [`  to keep them:      usher reject ${digest}`]),
  ].join('\n');
}

const MOST_CAUSES = 3;

/** What led to it: the requests of the provider, or what a full pass found. */
function causesOf(changes: HoldView['changes']): readonly string[] {
  const causes = [...new Set(changes.flatMap(({ cause }) => cause ?? []))];
  const rest = causes.length - MOST_CAUSES;
  return [
    ...causes
      .slice(0, MOST_CAUSES)
      .flatMap((cause) => wrapped(`cause: ${cause}`, 2).map((line) => `  ${line}`)),
    ...(rest > 0 ? [`  … and ${rest} more causes`] : []),
  ];
}
