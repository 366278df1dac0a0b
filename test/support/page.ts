import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** A command that a page shows, and what it says that the command prints. */
type Shown = {
  readonly section: string;
  /** Blanks before it, in a list. */
  readonly indent: string;
  command: string;
  printed: readonly string[];
  isPlayed: boolean;
};

type Printed = { readonly stdout: string; readonly stderr: string };
type Stage = {
  readonly look: (...args: readonly string[]) => Promise<Printed>;
  readonly homeserver: { readonly url: string };
  readonly dataDir: string;
};

/**
 * A page of the documentation whose commands are run: in blocks of `console`, a line that begins with `$ usher`. What
 * they print now has to be what the page says; with `UPDATE_DOCS=1` the page is made to say it.
 */
export function openPage(url: URL) {
  const isUpdate = process.env.UPDATE_DOCS !== undefined;
  const parts = parse(readFileSync(url, 'utf8'));
  const commands = parts.filter((part) => typeof part !== 'string');

  return {
    /** The commands of one section (of the whole page without a name), to be run one after the other. */
    play(stage: Stage, section?: string) {
      const left = commands.filter((each) => section === undefined || each.section === section);
      const { pretty, real } = createPrettifier(stage);
      /** Runs the next one, which has to begin so. */
      const next = async (beginning = ''): Promise<void> => {
        const shown = left.shift();
        if (shown?.command.startsWith(beginning) !== true) {
          throw new Error(`${section}: "usher ${beginning}" is not what the page shows: ${shown?.command}`);
        }
        // What DIGEST stands for becomes another one with what is printed.
        const command = real(shown.command);
        const args = command.match(/'[^']*'|\S+/g) ?? [];
        const { stdout, stderr } = await stage.look(...args.map((word) => word.replaceAll("'", '')));
        const printed = pretty(stdout + stderr).trimEnd();
        shown.isPlayed = true;
        if (!isUpdate) expect(flat(shown.printed.join('\n')), `usher ${shown.command}`).toBe(flat(printed));
        shown.command = pretty(command);
        shown.printed = printed.split('\n');
      };
      return {
        next,
        /** Runs all that are left. */
        async rest(): Promise<void> {
          while (left.length > 0) await next();
        },
      };
    },

    /** To be called at the end: every command was run but those that are shown in part, and there were so many. */
    close(fewest = 10, inPart: readonly string[] = []): void {
      expect(commands.filter(({ isPlayed }) => !isPlayed).map(({ command }) => command)).toEqual(inPart);
      expect(commands.length).toBeGreaterThan(fewest);
      if (isUpdate) writeFileSync(url, parts.map(render).join('\n'));
    },
  };
}

function parse(text: string): readonly (string | Shown)[] {
  const parts: (string | Shown)[] = [];
  let section = '';
  let isConsole = false;
  let shown: Shown | undefined;
  for (const line of text.split('\n')) {
    section = /^## (.*)/.exec(line)?.[1] ?? section;
    const fence = /^ *```(.*)/.exec(line);
    if (fence !== null) isConsole = fence[1] === 'console';
    const [, indent = '', command] = (isConsole && /^( *)\$ usher (.*)/.exec(line)) || [];
    if (command !== undefined) {
      shown = { section, indent, command, printed: [], isPlayed: false };
      parts.push(shown);
    } else if (shown !== undefined && isConsole && !/^ *\$ /.test(line)) {
      shown.printed = [...shown.printed, line];
    } else {
      shown = undefined;
      parts.push(line);
    }
  }
  return parts;
}

function render(part: string | Shown): string {
  if (typeof part === 'string') return part;
  const { indent, command, printed } = part;
  return [`$ usher ${command}`, ...printed].map((line) => `${indent}${line}`.trimEnd()).join('\n');
}

/** Where lines break depends on the length of paths. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const ROOM_ID = /![\w-]{43}/g;
const DIGEST = /(?<![\w-])[0-9a-f]{8}(?![\w-])/g;

/** Ids, sizes, paths and ports are others in each run: they become the same ones, as long as they were. */
function createPrettifier({ homeserver, dataDir }: Stage) {
  const shownFor = new Map<string, string>();
  const realOf = new Map<string, string>();
  const last = { digest: '', id: '' };
  const like = (id: string, make: (count: number) => string): string => {
    // What was shown once stays what it is.
    const found = shownFor.get(id) ?? (realOf.has(id) ? id : make(shownFor.size));
    if (found !== id) {
      shownFor.set(id, found);
      realOf.set(found, id);
    }
    return found;
  };
  const folder = dataDir.slice(0, -'/data'.length);
  return {
    pretty: (text: string): string =>
      text
        .replaceAll(ROOM_ID, (id) => like(id, (count) => `!${hash(count, 'base64url').slice(0, 43)}`))
        .replaceAll(UUID, (id) => {
          last.id = id;
          return like(id, (count) => {
            const hex = hash(count, 'hex');
            return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
          });
        })
        .replaceAll(DIGEST, (digest) => {
          last.digest = digest;
          return like(digest, (count) => hash(count, 'hex').slice(-8));
        })
        .replaceAll(/\(\d+ KiB\)/g, '(204 KiB)')
        .replaceAll(homeserver.url, 'http://synapse:8008')
        .replaceAll(`${folder}/data`, '/data')
        .replaceAll(`${folder}/`, '/config/'),
    /** On a page that is being written, `DIGEST` and `SCIM-ID` are those that were shown last. */
    real: (command: string): string =>
      command
        .replaceAll('DIGEST', last.digest)
        .replaceAll('SCIM-ID', last.id)
        .replaceAll(DIGEST, (digest) => realOf.get(digest) ?? digest)
        .replaceAll(UUID, (id) => realOf.get(id) ?? id)
        .replaceAll(/(?<=^| )\/data\//g, `${folder}/data/`)
        .replaceAll(/(?<=^| )\/config\//g, `${folder}/`),
  };
}

function hash(count: number, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(`${count}`).digest(encoding);
}
