import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { ConfigError } from '../config/error.ts';
import { HomeserverError } from '../matrix/error.ts';
import { GroupMapError } from '../plan/group-map.ts';
import { StoreUnusable } from '../store/error.ts';
import { applyCommand } from './apply.ts';
import { checkCommand } from './check.ts';
import { demoCommand } from './demo.ts';
import { planCommand } from './plan.ts';
import { serveCommand } from './serve.ts';
import { EXIT, print, type Terminal, UsageError } from './terminal.ts';

const HELP = `usher ${packageJson.version}: shows people to their Matrix rooms, and shows them out again.

usage: usher COMMAND [OPTIONS]

  serve                     run the service (SCIM receiver and reconciler)
  check                     look at everything Usher depends on, and say what to mend
  plan [--json]             show what would be done now, and do nothing
       [--exit-code]        … and exit with 3 if there is anything to do
  apply                     do it once and end; not while the service is running
  demo [--exit]             the whole story on a simulated homeserver; needs no settings
  version                   print the version
  help                      print this

Settings come from the environment: see .env.example.
Exit codes: 0 all is well, 1 something is not as it should be, 2 wrong usage or settings,
3 plan --exit-code found something to do.`;

type Values = Readonly<Record<string, string | boolean | undefined>>;

type Command = {
  /** A boolean is a switch, a string takes a value. */
  readonly options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>;
  /** Names of what stands after the command; a name that ends in `?` may be left out. */
  readonly operands?: readonly string[];
  readonly run: (terminal: Terminal, options: Values, operands: readonly string[]) => Promise<number>;
};

const SWITCH = { type: 'boolean' } as const;

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { options: {}, run: (terminal) => serveCommand(terminal) },
  check: { options: {}, run: (terminal) => checkCommand(terminal) },
  plan: {
    options: { json: SWITCH, 'exit-code': SWITCH },
    run: (terminal, options) =>
      planCommand(terminal, { json: options.json === true, exitCode: options['exit-code'] === true }),
  },
  apply: { options: {}, run: (terminal) => applyCommand(terminal) },
  demo: {
    options: { exit: SWITCH },
    run: (terminal, options) => demoCommand(terminal, { exit: options.exit === true }),
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
    terminal.stderr.write(
      `usher: there is no command "${first}". Commands: ${Object.keys(COMMANDS).join(', ')}.\n`,
    );
    return EXIT.usage;
  }
  try {
    const { options, operands } = readArguments(name, rest, command);
    return await command.run(terminal, options, operands);
  } catch (error) {
    const known = explain(error);
    if (known === undefined) throw error;
    terminal.stderr.write(`usher: ${known.text}\n`);
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

function explain(error: unknown): { readonly text: string; readonly exitCode: number } | undefined {
  if (error instanceof UsageError) return { text: error.message, exitCode: EXIT.usage };
  if (error instanceof ConfigError || error instanceof GroupMapError || error instanceof StoreUnusable) {
    return { text: error.message, exitCode: EXIT.usage };
  }
  if (error instanceof HomeserverError) {
    return {
      text: `the homeserver: ${error.message}\nRun "usher check" to see what is wrong.`,
      exitCode: EXIT.failed,
    };
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
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
