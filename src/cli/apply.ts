import { setInterval as every } from 'node:timers/promises';
import { oneLine } from '../plan/legible.ts';
import { describeChange } from '../plan/render.ts';
import type { Loop } from '../reconcile/loop.ts';
import { openStore } from '../store/sqlite/open-store.ts';
import type { Store } from '../store/store.ts';
import { connect } from './connection.ts';
import { createEngine } from './engine.ts';
import { sealAtStart } from './seal-at-start.ts';
import { createProgress, EXIT, print, readConfig, readGroupMap, type Terminal } from './terminal.ts';
import { listTroubles } from './troubles.ts';

/** One full pass and all that comes of it, then ends. Not beside a running service: it would do the same. */
export async function applyCommand(terminal: Terminal): Promise<number> {
  const config = readConfig(terminal);
  const progress = createProgress(terminal);
  const say = (text: string): void => {
    progress.clear();
    print(terminal, oneLine(text));
  };
  const map = await readGroupMap(config);
  const store = openStore(config.dataDir, { backupsKept: config.backupsKept });
  let changes = 0;
  try {
    await sealAtStart(store, config.dataDir, (reason) => say(`! ${reason}`));
    const loop = await createEngine({
      config,
      store,
      homeserver: connect(config, { makesTokens: true }).homeserver,
      map: () => map,
      listener: {
        changed: (change, outcome) => {
          if (outcome !== 'failed') changes += 1;
          say(`${outcome === 'done' ? '' : `${outcome}: `}${describeChange(change)}`);
        },
        found: ({ blocking, message }) => {
          if (!blocking) say(`note: ${message}`);
        },
        held: (_, reason) => say(`! held until you decide (usher held): ${reason}`),
        paused: ({ message }) => say(`stopped: ${message}`),
        resumed: () => {},
        passed: ({ problems }) => {
          for (const problem of problems) say(`! ${problem.message}`);
        },
        postponed: () => {},
        crashed(error) {
          progress.clear();
          print(terminal, `! an error inside Usher: ${error instanceof Error ? error.stack : error}`);
        },
      },
    });
    await withProgress(loop.runOnce(), store, progress.show);
    progress.clear();
    return await conclude(loop, store, { changes, isDryRun: config.dryRun }, say);
  } finally {
    await store.close();
  }
}

async function conclude(
  loop: Loop,
  store: Store,
  { changes, isDryRun }: { readonly changes: number; readonly isDryRun: boolean },
  say: (text: string) => void,
): Promise<number> {
  const { pause, lastPass } = loop.status();
  if (pause !== undefined) {
    say('Not finished: the homeserver does not answer as it should. Mend that, then run this again.');
    return EXIT.failed;
  }
  if (lastPass === undefined) {
    say('Not finished: an error inside Usher, see above. Please report it.');
    return EXIT.failed;
  }
  const troubles = await listTroubles(store);
  for (const trouble of troubles) say(`! ${trouble}`);
  const problems = loop.problems();
  for (const { message } of problems.slice(lastPass.problems.length)) say(`! ${message}`);
  const waiting = await store.guard.countHeld();
  if (waiting > 0) say(`! ${waiting} changes are held until you decide: see "usher held".`);
  const open = troubles.length + problems.length + waiting;
  const made = isDryRun
    ? `${changes} changes would be made; this was a dry run.`
    : `${changes} changes made.`;
  const rest = isDryRun ? '' : ' Everything is as it should be.';
  say(`${made}${open === 0 ? rest : ` ${open} need you: see above.`}`);
  return open === 0 ? EXIT.ok : EXIT.failed;
}

async function withProgress(work: Promise<void>, store: Store, show: (text: string) => void): Promise<void> {
  const stop = new AbortController();
  const ended = work.finally(() => stop.abort());
  try {
    for await (const _ of every(500, undefined, { signal: stop.signal })) {
      const { due } = await store.work.summary(Date.now());
      show(`${due} people to look at …`);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  await ended;
}
