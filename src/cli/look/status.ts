import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/error.ts';
import { type MapFound, readStatus } from '../../desk/status-facts.ts';
import { type Line, linesOf, statusJson } from '../../desk/status-lines.ts';
import { withCommands } from '../../desk/step.ts';
import { count } from '../../desk/words.ts';
import { GroupMapError } from '../../plan/group-map.ts';
import { isInUse } from '../../store/sqlite/database.ts';
import { openStoreReadOnly } from '../../store/sqlite/open-store.ts';
import { readOnly } from '../../synapse/read-only.ts';
import { connect } from '../connection.ts';
import { EXIT, readConfig, readGroupMap, type Terminal } from '../terminal.ts';
import { show } from './desk.ts';
import { wrapped } from './text.ts';

/** Says in a line for each part whether all is well. May run beside the service. */
export async function statusCommand(
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<number> {
  const config = readConfig(terminal);
  const store = openStoreReadOnly(config.dataDir);
  try {
    const status = await readStatus({
      ...{ config, store, homeserver: readOnly(connect(config).homeserver), map: await findMap(config) },
      ...{ isRunning: isInUse(config.dataDir), now: Date.now() },
    });
    const lines = linesOf(status);
    const isWell = lines.every(({ remedy }) => remedy === undefined);
    show(terminal, options.json, statusJson(status, lines, isWell), () => render(lines, isWell));
    return isWell ? EXIT.ok : EXIT.failed;
  } finally {
    await store.close();
  }
}

async function findMap(config: Config): Promise<MapFound> {
  try {
    return { map: await readGroupMap(config) };
  } catch (error) {
    if (!(error instanceof GroupMapError || error instanceof ConfigError)) throw error;
    return { problem: error.message };
  }
}

function render(lines: readonly Line[], isWell: boolean): string {
  const width = Math.max(...lines.map(({ subject }) => subject.length));
  const body = lines.flatMap(({ subject, found, remedy, steps = [] }) => {
    // A command ends without a stop, to be copied.
    const toDo = steps.length > 0 ? withCommands(remedy ?? '', steps) : asSentence(remedy ?? '');
    const text = remedy === undefined ? found : `${asSentence(found)} To do: ${toDo}`;
    const head = `${remedy === undefined ? ' ' : '!'} ${subject.padEnd(width)}  `;
    const all = text.split('\n').flatMap((part) => wrapped(part, head.length));
    return all.map((line, index) => `${index === 0 ? head : ' '.repeat(head.length)}${line}`);
  });
  const amount = lines.filter(({ remedy }) => remedy !== undefined).length;
  return [
    ...body,
    '',
    isWell ? 'All is well.' : `${count(amount, 'thing needs', 'things need')} you: see "!".`,
  ].join('\n');
}

function asSentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}
