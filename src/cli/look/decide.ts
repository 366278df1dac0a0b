import type { ResourceId } from '../../directory/resource.ts';
import { CAUTIONS } from '../../plan/guard.ts';
import type { HeldChange } from '../../plan/holds.ts';
import { type HoldView, holdsOf } from '../../plan/holds.ts';
import { openStoreBeside } from '../../store/sqlite/open-store.ts';
import type { Store } from '../../store/store.ts';
import { complain, EXIT, print, readConfig, type Terminal, UsageError } from '../terminal.ts';
import { numbersOf } from './held.ts';
import { count } from './text.ts';

type Verdict = 'approved' | 'rejected';

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
    const hold = pick(holdsOf(await store.guard.holds(), await store.guard.held()), digits);
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
    if (verdict === 'rejected' && hold.changes.length === 0) {
      complain(
        terminal,
        `usher: there is nothing in ${hold.digest} to be kept yet: it stays, and nothing was done. "usher approve" ends it.`,
      );
      return EXIT.failed;
    }
    if (verdict === 'approved') await store.backup('before-approve');
    print(terminal, await decide(store, hold, verdict));
    return EXIT.ok;
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
  const now = Date.now();
  const { digest, scope } = hold;
  const decided = await store.guard.decide(scope, hold.changes, verdict);
  const numbers = numbersOf(decided);
  const people = await peopleOf(store, decided);
  for (const [userId, cause] of people) {
    const because = cause === undefined ? '' : `; ${cause}`;
    await store.work.mark([userId], 'removal', now, `${verdict} ${digest}${because}`);
  }
  await store.journal.append({
    at: now,
    action: verdict === 'approved' ? 'approve' : 'reject',
    outcome: 'done',
    account: undefined,
    roomId: undefined,
    userId: undefined,
    detail: `${verdict} ${digest} (${scope}: ${hold.reason}): ${numbers}`,
    cause: undefined,
  });
  if (decided.length === 0) return 'The hold is over. There was nothing in it.';
  const whom = count(people.size, 'person is', 'people are');
  return verdict === 'approved'
    ? `Approved: ${numbers}.\n${people.size > 0 ? whom : 'The room is'} looked at within seconds, and what is still wanted then is done.`
    : `Rejected: ${numbers}.\nAll stays so for as long as the change is wanted; to take this back: usher approve ${await digestNow(store, scope)}${isCaution(scope) ? `\nThe hold itself goes on; to end it: usher approve ${scope}` : ''}`;
}

/** What was just rejected goes by another digest. */
async function digestNow(store: Store, scope: string): Promise<string> {
  const holds = holdsOf(await store.guard.holds(), await store.guard.held());
  return holds.find((hold) => hold.scope === scope && hold.verdict === 'rejected')?.digest ?? 'DIGEST';
}

function isCaution(scope: string): boolean {
  return CAUTIONS.some((caution) => caution === scope);
}

/** Who is to be looked at, with what led to it; users who are gone are so by the account that they had. */
async function peopleOf(
  store: Store,
  changes: readonly HeldChange[],
): Promise<ReadonlyMap<ResourceId, string | undefined>> {
  const people = new Map<ResourceId, string | undefined>();
  for (const { userId, account, cause } of changes) {
    const holders = await store.people.linksOf(account);
    for (const id of [...(userId === undefined ? [] : [userId]), ...holders.map((link) => link.userId)]) {
      people.set(id, people.get(id) ?? cause);
    }
  }
  return people;
}
