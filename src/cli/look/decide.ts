import { decideHold, isCaution, type Verdict } from '../../desk/decide.ts';
import { Refused } from '../../desk/error.ts';
import { readHolds } from '../../desk/held.ts';
import { count } from '../../desk/words.ts';
import { CAUTIONS } from '../../plan/guard.ts';
import { type HoldView, sizeOf } from '../../plan/holds.ts';
import { openStoreBeside } from '../../store/sqlite/open-store.ts';
import type { Store } from '../../store/store.ts';
import { complain, EXIT, print, readConfig, type Terminal, UsageError } from '../terminal.ts';

const FEWEST_DIGITS = 4;

/** Lets happen what is held, or keeps it from happening. Beside the service, which finds it within seconds. */
export async function decideCommand(
  terminal: Terminal,
  verdict: Verdict,
  [digits = '']: readonly string[],
): Promise<number> {
  const config = readConfig(terminal);
  const store = openStoreBeside(config.dataDir, { backupsKept: config.backupsKept });
  try {
    const hold = pick(await readHolds(store), digits);
    if (hold === undefined) {
      complain(
        terminal,
        `usher: there is no hold "${digits}" now; it may have changed: look at "usher held". Nothing was done.`,
      );
      return EXIT.failed;
    }
    if (hold.verdict === verdict) {
      print(terminal, `${hold.digest} was ${verdict} before; nothing was done.`);
      return EXIT.ok;
    }
    if (verdict === 'rejected' && sizeOf(hold) === 0) {
      complain(
        terminal,
        `usher: there is nothing in ${hold.digest} to be kept yet: it stays, and nothing was done. "usher approve" ends it.`,
      );
      return EXIT.failed;
    }
    print(terminal, await decide(store, hold, verdict));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    complain(terminal, `usher: ${error.message}`);
    return EXIT.failed;
  } finally {
    await store.close();
  }
}

/** By its digest; a hold on everything also by its name, as in "usher approve restored". */
function pick(holds: readonly HoldView[], digits: string): HoldView | undefined {
  const caution = CAUTIONS.find((scope) => scope === digits);
  if (caution !== undefined) {
    return holds.find(({ scope, verdict }) => scope === caution && verdict === undefined);
  }
  if (digits.length < FEWEST_DIGITS) {
    throw new UsageError(
      `"${digits}" is too short: give at least ${FEWEST_DIGITS} characters of the digest in "usher held".`,
    );
  }
  const found = holds.filter(({ digest }) => digest.startsWith(digits.toLowerCase()));
  if (found.length > 1) {
    throw new UsageError(
      `several holds begin with "${digits}": ${found.map(({ digest }) => digest).join(', ')}.`,
    );
  }
  return found[0];
}

async function decide(store: Store, hold: HoldView, verdict: Verdict): Promise<string> {
  const { scope } = hold;
  const occasion = { who: undefined, now: Date.now() };
  const { numbers, people, digest = 'DIGEST' } = await decideHold(store, hold, verdict, occasion);
  if (numbers === undefined) return 'The hold is over. There was nothing in it.';
  const whom = count(people, 'person is', 'people are');
  return verdict === 'approved'
    ? `Approved: ${numbers}.\n${people > 0 ? whom : 'The room is'} looked at within seconds, and what is still wanted then is done.`
    : `Rejected: ${numbers}.\nAll stays so for as long as the change is wanted; to take this back: usher approve ${digest}${isCaution(scope) ? `\nThe hold itself goes on; to end it: usher approve ${scope}` : ''}`;
}
