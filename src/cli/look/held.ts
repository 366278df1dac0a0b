import { type HoldView, holdsOf } from '../../plan/holds.ts';
import { oneLine } from '../../plan/legible.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, roomNames, show } from './desk.ts';
import { iso } from './explain-json.ts';
import { count, listed, when, wrapped } from './text.ts';

const MOST = 20;

/** Lists what waits for a decision. Exits with 1 if something does. */
export async function heldCommand(
  terminal: Terminal,
  options: { readonly json: boolean; readonly all: boolean },
): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const { store, now } = desk;
    const names = await roomNames(desk);
    const holds = holdsOf(await store.guard.holds(), await store.guard.held());
    const data = holds.map((hold) => ({
      ...hold,
      since: iso(hold.since),
      count: hold.changes.length,
      changes: hold.changes.map((change) => ({ ...change, since: iso(change.since) })),
    }));
    const most = options.all ? Number.POSITIVE_INFINITY : MOST;
    show(terminal, options.json, data, () => render(holds, { most, now, names }));
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

/** How many of what: `12 removals from 2 rooms and 3 accounts`. */
export function numbersOf(changes: HoldView['changes']): string {
  const of = (kind: HoldView['changes'][number]['kind']) => changes.filter((change) => change.kind === kind);
  const [kicks, lowered, restricted] = [of('kick'), of('lower'), of('restrict')];
  const roomsIn = (some: HoldView['changes']): string =>
    count(new Set(some.map(({ roomId }) => roomId)).size, 'room');
  const parts = [
    ...(kicks.length > 0 ? [`${count(kicks.length, 'removal')} from ${roomsIn(kicks)}`] : []),
    ...(restricted.length > 0 ? [`${count(restricted.length, 'account')} to restrict`] : []),
    ...(lowered.length > 0
      ? [`${count(lowered.length, 'power level')} to lower in ${roomsIn(lowered)}`]
      : []),
  ];
  return parts.length === 0 ? 'nothing yet' : listed(parts);
}
