import { planWhole } from '../desk/whole-plan.ts';
import { harmlessJson } from '../plan/legible.ts';
import { renderPlan } from '../plan/render.ts';
import { openStoreReadOnly } from '../store/sqlite/open-store.ts';
import { readOnly } from '../synapse/read-only.ts';
import { connect } from './connection.ts';
import {
  createProgress,
  EXIT,
  print,
  readConfig,
  readGroupMap,
  readMapFile,
  type Terminal,
} from './terminal.ts';

/** Shows what the service would do, from the state of this moment. May run beside it; changes nothing. */
export async function planCommand(
  terminal: Terminal,
  options: { readonly json: boolean; readonly exitCode: boolean; readonly map?: string | undefined },
): Promise<number> {
  const config = readConfig(terminal);
  const map = options.map === undefined ? await readGroupMap(config) : readMapFile(options.map);
  const store = openStoreReadOnly(config.dataDir);
  try {
    const homeserver = readOnly(connect(config).homeserver);
    const progress = createProgress(terminal);
    const { plan, names } = await planWhole({ config, store, homeserver }, map, {
      onProgress: progress.show,
    });
    progress.clear();
    print(terminal, options.json ? harmlessJson(plan, 2, levelsAsObject) : renderPlan(plan, names));
    return options.exitCode && plan.changes.length > 0 ? EXIT.changes : EXIT.ok;
  } finally {
    await store.close();
  }
}

/** Levels are a map; JSON has none. Null takes a member's own level away. */
function levelsAsObject(_key: string, value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([account, level]) => [account, level ?? null]));
}
