import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type MapFile = {
  readonly path: string;
  /** Changes nothing in it, but has it read again, and so a full pass begin. */
  readonly touch: () => void;
};

/** A group map in a file, for `GROUP_MAP_FILE`. */
export function createMapFile(folder: string, map: object): MapFile {
  const path = join(folder, 'group-map.jsonc');
  let edits = 0;
  const write = (): void => writeFileSync(path, `// ${edits}\n${JSON.stringify(map)}`);
  write();
  return {
    path,
    touch() {
      edits += 1;
      write();
    },
  };
}
