import { installFromPyPI } from '../python.ts';

const VERSION = '1.163.2';

/** The Python of a virtual environment that has Synapse. */
export function installSynapse(): Promise<string> {
  return installFromPyPI(`synapse-${VERSION}`, [`matrix-synapse==${VERSION}`]);
}
