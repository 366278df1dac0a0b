import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { ConfigError, FileNotWritten } from '../config/error.ts';
import { Refused, UnknownName } from '../desk/error.ts';
import { withCommands } from '../desk/step.ts';
import { HomeserverError } from '../matrix/error.ts';
import { GroupMapError } from '../plan/group-map.ts';
import { isSlip, nearest } from '../plan/nearest.ts';
import { BackupFailed, type StoreTrouble, StoreUnusable, troubleOf } from '../store/error.ts';
import { applyCommand } from './apply.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { type Command, SWITCH, TEXT, textOf, type Values } from './command.ts';
import { demoCommand } from './demo.ts';
import { importCommand } from './import.ts';
import { LOOK_COMMANDS } from './look/commands.ts';
import { mapCommand } from './map.ts';
import { planCommand } from './plan.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';
import { complain, EXIT, print, type Terminal, UsageError } from './terminal.ts';
import { tokenCommand } from './token.ts';

const HELP = `usher ${packageJson.version}: shows people to their Matrix rooms, and shows them out again.

usage: usher COMMAND [OPTIONS]

To run it
  serve                     run the service (SCIM receiver and reconciler)
  apply                     do it once and end; not while the service is running
  demo [--exit]             the whole story on a simulated homeserver; needs no settings

To look, beside the service
  check                     look at everything Usher depends on, and say what to mend
  plan                      show what would be done now, and do nothing
       [--exit-code]        … and exit with 3 if there is anything to do
       [--map FILE]         … with another group map than the one in force
  status                    is all well? a line for each part
  explain PERSON [ROOM]     why somebody is in a room or is not, and what will happen next
  users [PATTERN]           who was pushed, and what became of them
        [--failing]         … only those who are not as they should be
  groups [--unmapped]       the groups that were pushed; lines for the group map
  rooms [--live]            the rooms of the map; and what the homeserver says of them
  journal                   what was done and found, and why: --account X, --room Y, --since 2d,
                            --action kick, --limit 50
  conflicts                 people whose account somebody has to decide about
  held [--all]              what waits for a decision before it is taken away

To decide, beside the service
  approve DIGEST            let happen what is held
  reject DIGEST             keep it from happening
  link USER ACCOUNT [--yes] say that an account is a user's
  unlink USER               forget whose account it is

To change the group map
  map check [FILE]          look a group map over
  map add GROUP ROOM        write a room into it for a group: an external id, name:NAME or '*'
          [--mode MODE] [--leave LEAVE] [--power-level N] [--file FILE]
  map remove GROUP [ROOM]   take it out, or the whole group
          [--file FILE]
  map dump                  print a first map, of the rooms that members of groups are in today

To let providers and programs in
  token create NAME --scope SCOPES [--source SOURCE] [--expires 90d] [--from NETWORKS]
                            make a token and print it, once; of scim, scim:read, metrics, admin,
                            admin:read
  token list                the tokens, and when each was last used
  token rotate NAME [--keep 24h]
                            give it another secret; the old one is taken for a while yet
  token disable|enable|revoke NAME

To keep it safe
  backup [FILE]             back the database up, also while the service runs; - is stdout
  restore FILE              put a backup in its place; not while the service runs; - is stdin
  import synapse-scim [FOLDER] [--users FILE] [--groups FILE] [--map FILE] [--map-out FILE]
                            take over what synapse-scim stored, into an empty database

  version                   print the version
  help                      print this

PERSON is a Matrix id, a user name, or a SCIM id. ROOM is an alias or a room id. With --json, plan
token list and what is between status and held print for programs.

Settings come from the environment: see .env.example.
Exit codes: 0 all is well, 1 something is not as it should be, 2 wrong usage or settings,
3 plan --exit-code found something to do.`;

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { options: {}, run: (terminal) => serveCommand(terminal) },
  check: { options: {}, run: (terminal) => checkCommand(terminal) },
  plan: {
    options: { json: SWITCH, 'exit-code': SWITCH, map: TEXT },
    run: (terminal, options) =>
      planCommand(terminal, {
        json: options.json === true,
        exitCode: options['exit-code'] === true,
        map: textOf(options.map),
      }),
  },
  apply: { options: {}, run: (terminal) => applyCommand(terminal) },
  map: {
    options: { file: TEXT, mode: TEXT, leave: TEXT, 'power-level': TEXT },
    operands: ['check|add|remove|dump', 'GROUP?', 'ROOM?'],
    run: (terminal, options, operands) =>
      mapCommand(terminal, operands, {
        file: textOf(options.file),
        mode: textOf(options.mode),
        leave: textOf(options.leave),
        powerLevel: textOf(options['power-level']),
      }),
  },
  token: {
    options: { scope: TEXT, source: TEXT, expires: TEXT, from: TEXT, keep: TEXT, json: SWITCH },
    operands: ['create|list|rotate|disable|enable|revoke', 'NAME?'],
    run: (terminal, options, operands) =>
      tokenCommand(terminal, operands, {
        scope: textOf(options.scope),
        source: textOf(options.source),
        expires: textOf(options.expires),
        from: textOf(options.from),
        keep: textOf(options.keep),
        json: options.json === true ? true : undefined,
      }),
  },
  demo: {
    options: { exit: SWITCH },
    run: (terminal, options) => demoCommand(terminal, { exit: options.exit === true }),
  },
  ...LOOK_COMMANDS,
  backup: {
    options: {},
    operands: ['FILE?'],
    run: (terminal, _, [target]) => backupCommand(terminal, target),
  },
  restore: {
    options: {},
    operands: ['FILE'],
    run: (terminal, _, [file = '']) => restoreCommand(terminal, file),
  },
  import: {
    options: { users: TEXT, groups: TEXT, map: TEXT, 'map-out': TEXT },
    operands: ['synapse-scim', 'FOLDER?'],
    run: (terminal, options, [what = '', folder]) =>
      importCommand(terminal, what, {
        folder,
        users: textOf(options.users),
        groups: textOf(options.groups),
        map: textOf(options.map),
        mapOut: textOf(options['map-out']),
      }),
  },
  version: { options: {}, run: (terminal) => say(terminal, packageJson.version) },
  help: { options: {}, run: (terminal) => say(terminal, HELP) },
};

const ALIASES: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
  '-v': 'version',
};

/** Runs one command; resolves with the exit code. What an admin can mend is a text on stderr, never a stack. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [first = 'help', ...rest] = argv;
  const name = ALIASES[first] ?? first;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const near = nearest(first, Object.keys(COMMANDS));
    const isMeant = near !== undefined && isSlip(first, near);
    const others = isMeant
      ? `Did you mean "usher ${near.name}"?`
      : `Commands: ${Object.keys(COMMANDS).join(', ')}.`;
    complain(terminal, `usher: there is no command "${first}". ${others}`);
    return EXIT.usage;
  }
  try {
    if (rest.some((each) => each === '--help' || each === '-h')) return await say(terminal, HELP);
    const { options, operands } = readArguments(name, rest, command);
    return await command.run(terminal, options, operands);
  } catch (error) {
    const known = explain(error);
    if (known === undefined) throw error;
    complain(terminal, `usher: ${known.text}`);
    return known.exitCode;
  }
}

function readArguments(
  name: string,
  args: readonly string[],
  { options, operands: expected = [] }: Command,
): { readonly options: Values; readonly operands: readonly string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    strict: true,
    allowPositionals: expected.length > 0,
  });
  const isEnough = positionals.length >= expected.filter((operand) => !operand.endsWith('?')).length;
  if (!isEnough || positionals.length > expected.length) {
    const wanted = expected.map((operand) => (operand.endsWith('?') ? `[${operand.slice(0, -1)}]` : operand));
    throw new UsageError(`the command is: usher ${name} ${wanted.join(' ')}`);
  }
  return { options: values as Values, operands: positionals };
}

async function say(terminal: Terminal, text: string): Promise<number> {
  print(terminal, text);
  return EXIT.ok;
}

const CURES: Readonly<Record<StoreTrouble, string>> = {
  full: 'Make room on the disk of DATA_DIR.',
  'read-only': 'Mount the disk of DATA_DIR for writing, and give the folder to the user Usher runs as.',
  broken:
    'Stop the service, and put a backup in its place: usher restore FILE. Backups are in the folder "backups" of DATA_DIR.',
  failing: 'The disk of DATA_DIR may be failing, or may be full.',
  busy: 'Another process keeps it: try again, or stop that.',
};

function explain(error: unknown): { readonly text: string; readonly exitCode: number } | undefined {
  if (error instanceof UsageError || error instanceof UnknownName) {
    return { text: error.message, exitCode: EXIT.usage };
  }
  if (error instanceof Refused) {
    const { message, step } = error;
    const text = step === undefined ? message : withCommands(message.replace(/\.$/, ''), [step]);
    return { text, exitCode: EXIT.usage };
  }
  if (
    error instanceof ConfigError ||
    error instanceof FileNotWritten ||
    error instanceof GroupMapError ||
    error instanceof StoreUnusable
  ) {
    return { text: error.message, exitCode: EXIT.usage };
  }
  if (error instanceof BackupFailed) return { text: error.message, exitCode: EXIT.failed };
  if (error instanceof HomeserverError) {
    return {
      text: `the homeserver: ${error.message}\nRun "usher check" to see what is wrong.`,
      exitCode: EXIT.failed,
    };
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const trouble = troubleOf(error);
  if (trouble !== undefined) {
    return {
      text: `the database can't be used: ${(error as Error).message}. ${CURES[trouble]}`,
      exitCode: EXIT.usage,
    };
  }
  if (code.startsWith('ERR_PARSE_ARGS')) {
    return { text: `${(error as Error).message}\nRun "usher help" for the options.`, exitCode: EXIT.usage };
  }
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return {
      text: `can't listen: ${(error as Error).message}. Set HOST and PORT to what is free.`,
      exitCode: EXIT.usage,
    };
  }
  return undefined;
}
