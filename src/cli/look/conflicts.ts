import { type Conflicts, conflictJson, readConflicts } from '../../desk/conflicts.ts';
import { commandOf } from '../../desk/step.ts';
import { count } from '../../desk/words.ts';
import { oneLine } from '../../plan/legible.ts';
import { EXIT, type Terminal } from '../terminal.ts';
import { atDesk, show } from './desk.ts';
import { wrapped } from './text.ts';

/** Lists people in conflict. Exits with 1 if there is any. */
export async function conflictsCommand(
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<number> {
  return atDesk(terminal, async (desk) => {
    const found = await readConflicts(desk);
    const { conflicts, others } = found;
    show(terminal, options.json, { conflicts: conflicts.map(conflictJson), others }, () => render(found));
    return found.conflicts.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

function render({ conflicts, others }: Conflicts): string {
  const more =
    others === 0
      ? []
      : [`${count(others, 'person fails', 'people fail')} for other reasons: usher users --failing`];
  if (conflicts.length === 0) return ['Nobody is in conflict.', ...more].join('\n');
  const texts = conflicts.map((conflict) => {
    const { userName, displayName, scimId, message, waysOut: ways } = conflict;
    const name = displayName === undefined || displayName === userName ? '' : `${displayName}, `;
    return [
      oneLine(`${userName ?? 'a deleted user'} (${name}SCIM id ${scimId})`),
      ...wrapped(message, 2).map((line) => `  ${line}`),
      ...ways.map(({ step, text }) => `  - ${step === undefined ? text : `${commandOf(step)}   ${text}`}`),
    ].join('\n');
  });
  const head = `${count(conflicts.length, 'person is', 'people are')} in conflict, and get${conflicts.length === 1 ? 's' : ''} nothing until somebody mends it.`;
  return [head, ...texts, ...more].join('\n\n');
}
