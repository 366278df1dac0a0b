import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/error.ts';
import type { Desk } from '../../desk/desk.ts';
import { type GroupMap, GroupMapError } from '../../plan/group-map.ts';
import { harmlessJson } from '../../plan/legible.ts';
import { ACCEPTED } from '../../reconcile/map-watch.ts';
import { openStoreReadOnly } from '../../store/sqlite/open-store.ts';
import type { Store } from '../../store/store.ts';
import { readOnly } from '../../synapse/read-only.ts';
import { connect } from '../connection.ts';
import { complain, print, readConfig, readGroupMap, type Terminal } from '../terminal.ts';

/** Opens all that is looked at, and closes it again; nothing of it can be written to. May run beside the service. */
export async function atDesk<T>(terminal: Terminal, look: (desk: Desk) => Promise<T>): Promise<T> {
  const config = readConfig(terminal);
  const store = openStoreReadOnly(config.dataDir);
  try {
    const map = await mapInForce(terminal, config, store);
    return await look({
      config,
      map,
      store,
      homeserver: readOnly(connect(config).homeserver),
      now: Date.now(),
    });
  } finally {
    await store.close();
  }
}

/** While the map is broken or gone, the service goes on with the last good one, and so do those who look. */
async function mapInForce(terminal: Terminal, config: Config, { facts }: Store): Promise<GroupMap> {
  try {
    return await readGroupMap(config);
  } catch (error) {
    const rules = await facts.get(ACCEPTED);
    const isOfMap = error instanceof GroupMapError || error instanceof ConfigError;
    if (!isOfMap || !Array.isArray(rules)) throw error;
    complain(terminal, `note: ${error.message}\nThe map that was last in force is taken.`);
    return { rules };
  }
}

/** Prints data for programs, or for people. */
export function show<T>(terminal: Terminal, json: boolean, data: T, render: (data: T) => string): void {
  print(terminal, json ? harmlessJson(data, 2) : render(data));
}
