import { DEFAULT_SOURCE, FIXED_TOKEN, type Token } from '../access/token.ts';
import { loadDataConfig } from '../config/config.ts';
import { duration } from '../config/values.ts';
import { createTokenDesk, type Issued, type TokenDesk, TokenRefused } from '../desk/tokens.ts';
import { ago, span, utc } from '../desk/words.ts';
import { harmlessJson } from '../plan/legible.ts';
import { isSlip, nearest } from '../plan/nearest.ts';
import { openStoreBeside } from '../store/sqlite/open-store.ts';
import type { Store } from '../store/store.ts';
import { tableWithHead } from './look/text.ts';
import { complain, EXIT, print, readFile, type Terminal, UsageError } from './terminal.ts';

/** The options as they were given. */
export type TokenOptions = {
  readonly scope?: string | undefined;
  readonly source?: string | undefined;
  readonly expires?: string | undefined;
  readonly from?: string | undefined;
  readonly keep?: string | undefined;
  readonly json?: true | undefined;
};

type Scene = {
  readonly terminal: Terminal;
  readonly store: Store;
  readonly desk: TokenDesk;
  readonly now: number;
  readonly options: TokenOptions;
};

type Action = {
  readonly usage: string;
  readonly needsName: boolean;
  readonly options: readonly (keyof TokenOptions)[];
  readonly run: (scene: Scene, name: string) => Promise<void>;
};

const ACTIONS: Readonly<Record<string, Action>> = {
  create: {
    usage: 'create NAME --scope SCOPES [--source SOURCE] [--expires 90d] [--from NETWORKS]',
    ...{ needsName: true, options: ['scope', 'source', 'expires', 'from'], run: create },
  },
  list: { usage: 'list [--json]', needsName: false, options: ['json'], run: list },
  rotate: { usage: 'rotate NAME [--keep 24h]', needsName: true, options: ['keep'], run: rotate },
  disable: {
    ...{ usage: 'disable NAME', needsName: true, options: [] },
    run: (scene, name) => setDisabled(scene, name, true),
  },
  enable: {
    ...{ usage: 'enable NAME', needsName: true, options: [] },
    run: (scene, name) => setDisabled(scene, name, false),
  },
  revoke: { usage: 'revoke NAME', needsName: true, options: [], run: revoke },
};

const USUAL_KEEP = '24h';

/** `usher token …`: the tokens by which providers and programs come in. Also beside the running service. */
export async function tokenCommand(
  terminal: Terminal,
  [action = '', name = '']: readonly string[],
  options: TokenOptions,
): Promise<number> {
  const found = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (found === undefined) {
    throw new UsageError(`"token" has no "${action}". It has: ${Object.keys(ACTIONS).join(', ')}`);
  }
  const given = (Object.keys(options) as (keyof TokenOptions)[]).filter((key) => options[key] !== undefined);
  if ((name !== '') !== found.needsName || !given.every((key) => found.options.includes(key))) {
    throw new UsageError(`the command is: usher token ${found.usage}`);
  }
  const store = openStoreBeside(loadDataConfig({ env: terminal.env, readFile }).dataDir);
  try {
    const desk = createTokenDesk({ store, who: 'usher token', now: Date.now });
    await found.run({ terminal, store, desk, now: Date.now(), options }, name);
  } finally {
    await store.close();
  }
  return EXIT.ok;
}

const OPTION_OF = {
  ...{ name: 'NAME', source: '--source', scopes: '--scope', networks: '--from', expires: '--expires' },
} as const;

async function create({ terminal, desk, now, options }: Scene, name: string): Promise<void> {
  const { scope = '', source = DEFAULT_SOURCE, from, expires } = options;
  const lifetime = expires === undefined ? undefined : lengthOf(expires, '--expires', '3650d');
  const issued = await desk
    .create({
      ...{ name, source, scopes: listed(scope), networks: from === undefined ? [] : listed(from) },
      expires: lifetime === undefined ? undefined : now + lifetime,
    })
    .catch((error: unknown) => {
      if (!(error instanceof TokenRefused)) throw error;
      throw new UsageError(`${OPTION_OF[error.field]} ${error.message}`);
    });
  hand(terminal, issued);
  complain(terminal, `Token ${name}: ${describe(issued.token)}.`);
}

async function rotate({ terminal, store, desk, now, options }: Scene, name: string): Promise<void> {
  const keepMs = lengthOf(options.keep ?? USUAL_KEEP, '--keep', '365d');
  hand(terminal, await desk.rotate(await find(store, name), keepMs));
  complain(
    terminal,
    keepMs === 0
      ? 'The secret it had is not taken any more.'
      : `The secret it had is taken until ${utc(now + keepMs)}: put the new one in its place by then. "usher token list" tells whether the old one is still used.`,
  );
}

/** The secret alone goes to stdout, so that it can be sent into a file. */
function hand(terminal: Terminal, { secret }: Issued): void {
  print(terminal, secret);
  complain(terminal, 'This is the secret. It is shown this once, and stored nowhere.');
}

async function setDisabled(
  { terminal, store, desk }: Scene,
  name: string,
  isDisabled: boolean,
): Promise<void> {
  await desk.setDisabled(await find(store, name), isDisabled);
  print(
    terminal,
    isDisabled ? `Disabled ${name}: usher token enable ${name} undoes it.` : `Enabled ${name}.`,
  );
}

async function revoke({ terminal, store, desk }: Scene, name: string): Promise<void> {
  await desk.revoke(await find(store, name));
  print(terminal, `Revoked ${name}, for good.`);
}

async function find(store: Store, name: string): Promise<Token> {
  if (name === FIXED_TOKEN) {
    throw new UsageError(`${FIXED_TOKEN} is a setting: change it there, and start Usher again.`);
  }
  const tokens = await store.tokens.list();
  const found = tokens.find((token) => token.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(
    name,
    tokens.map((token) => token.name),
  );
  const hint =
    near !== undefined && isSlip(name, near) ? `Did you mean ${near.name}?` : 'See: usher token list';
  throw new UsageError(`there is no token "${name}". ${hint}`);
}

async function list({ terminal, store, now, options }: Scene): Promise<void> {
  const tokens = await store.tokens.list();
  if (options.json === true) {
    print(terminal, harmlessJson(tokens, 2));
    return;
  }
  const rows = tokens.flatMap((token) =>
    token.secrets.map((secret, index) => [
      ...(index === 0
        ? [token.name, token.source, token.scopes.join(' '), token.networks.join(' ') || 'everywhere']
        : ['  its old secret', '', '', '']),
      stateOf(token, secret, now),
      secret.lastUsed === undefined ? 'never' : `${ago(secret.lastUsed, now)} from ${secret.lastUsedFrom}`,
    ]),
  );
  const fixed = [FIXED_TOKEN, DEFAULT_SOURCE, 'scim', 'everywhere', 'good', 'not noted'];
  const head = ['token', 'source', 'scopes', 'from', 'state', 'last used'];
  print(terminal, tableWithHead(head, [fixed, ...rows]).join('\n'));
}

function stateOf(token: Token, secret: Token['secrets'][number], now: number): string {
  const ends = [token.expires, secret.expires].filter((end) => end !== undefined);
  const end = Math.min(...ends);
  if (token.isDisabled) return 'disabled';
  if (ends.length === 0) return 'good';
  return end <= now ? `expired ${ago(end, now)}` : `good for ${span(end - now)}`;
}

function describe({ source, scopes, networks, expires }: Issued['token']): string {
  return [
    `scope ${scopes.join(', ')}`,
    `source ${source}`,
    networks.length === 0 ? 'from everywhere' : `from ${networks.join(', ')}`,
    expires === undefined ? 'without an end' : `until ${utc(expires)}`,
  ].join(', ');
}

function listed(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((each) => each !== '');
}

/** Milliseconds. */
function lengthOf(text: string, option: string, longest: string): number {
  const parsed = duration('0s', longest)(text, readFile);
  if ('problems' in parsed) throw new UsageError(`${option} ${parsed.problems.join('; ')}, such as 90d`);
  return parsed.value;
}
