import type { Config } from '../config/config.ts';
import { checkRooms } from '../desk/check-rooms.ts';
import { type Finding, fromMap, ok, warning } from '../desk/finding.ts';
import type { Homeserver } from '../matrix/homeserver.ts';
import type { UserId } from '../matrix/ids.ts';
import type { GroupMap } from '../plan/group-map.ts';
import { warningsOf } from '../plan/group-map-warnings.ts';
import type { Store } from '../store/store.ts';
import { readOnly } from '../synapse/read-only.ts';
import { checkDatabase } from './check-database.ts';
import { checkIdentity } from './check-identity.ts';
import { checkMas } from './check-mas.ts';
import { MEND, renderFinding, renderSummary } from './check-report.ts';
import { checkReports } from './check-reports.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkWords } from './check-words.ts';
import { type Connection, connect } from './connection.ts';
import { EXIT, print, readConfig, readGroupMap, type Terminal } from './terminal.ts';

/** How many accounts are looked at to see whether the provider's name is in use. */
const SAMPLE = 50;

/** A doctor: looks at everything Usher depends on and changes nothing. May run beside the service. */
export async function checkCommand(terminal: Terminal): Promise<number> {
  const config = readConfig(terminal);
  const map = await readGroupMap(config);
  const findings: Finding[] = [];
  const connection = connect(config);
  const harmless = { ...connection, homeserver: readOnly(connection.homeserver) };
  for await (const finding of examine(config, map, harmless)) {
    findings.push(finding);
    print(terminal, renderFinding(finding));
  }
  print(terminal, `\n${renderSummary(findings)}`);
  return findings.some(({ level }) => level === 'failure') ? EXIT.failed : EXIT.ok;
}

async function* examine(config: Config, map: GroupMap, connection: Connection): AsyncGenerator<Finding> {
  const { homeserver } = connection;
  yield ok('configuration', 'every setting can be read');
  if (config.dryRun) yield dryRun();
  yield ok('group map', `rules: ${map.rules.length}`);
  yield* checkMap(config, map);
  const database = await checkDatabase(config, map);
  try {
    yield* database.findings;
    const obstacle = yield* checkMatrix(config, connection, database.store);
    if (obstacle !== undefined) {
      yield notLookedAt(config, obstacle);
      return;
    }
    if (connection.mas === undefined) yield await checkProvider(config, homeserver, database.ours);
    yield* checkRooms({ config, homeserver, map, store: database.store });
    yield* checkReports(config, homeserver);
    yield* checkWords(map, homeserver);
  } finally {
    await database.store?.close();
  }
}

/** Who signs people in, and whether we get in. Resolves with what has to be done before the rest can be looked at. */
async function* checkMatrix(
  config: Config,
  connection: Connection,
  store: Store | undefined,
): AsyncGenerator<Finding, string | undefined> {
  const { auth } = config.matrix;
  const { homeserver, mas } = connection;
  if (!(yield* checkSignIn(config, connection))) return MEND;
  if (auth.kind === 'mas' && mas !== undefined) {
    return yield* checkMas({ config, auth, connection: mas, homeserver, store });
  }
  return (yield* checkIdentity(config, homeserver)) ? undefined : MEND;
}

function notLookedAt({ matrix }: Config, remedy: string): Finding {
  const what = matrix.auth.kind === 'mas' ? 'the rest of MAS and Synapse,' : 'IDP_NAME';
  return warning('not looked at', {
    found: `${what} and the rooms of the group map`,
    meaning: 'more may be wrong than is said here.',
    remedy,
  });
}

function dryRun(): Finding {
  return warning('DRY_RUN', {
    found: 'is true',
    meaning: 'what the provider pushes is stored, and nothing is changed on the homeserver.',
    remedy: 'when "usher plan" shows what you want, set it to false and restart Usher.',
  });
}

function checkMap({ groupMap, matrix }: Config, map: GroupMap): readonly Finding[] {
  return warningsOf(map, matrix).map((found) => fromMap(groupMap, found));
}

/** `ours` are linked because we linked them: they prove nothing about the name. */
async function checkProvider(
  config: Config,
  homeserver: Homeserver,
  ours: ReadonlySet<UserId>,
): Promise<Finding> {
  const { provider } = config.accounts;
  const others = new Set<string>();
  let looked = 0;
  for await (const { userId } of homeserver.accounts()) {
    if (ours.has(userId)) continue;
    if (looked === SAMPLE) break;
    looked += 1;
    for (const externalId of (await homeserver.account(userId))?.externalIds ?? []) {
      if (externalId.provider === provider) return ok('IDP_NAME', `${provider} is in use on this homeserver`);
      others.add(externalId.provider);
    }
  }
  const seen = others.size === 0 ? 'none' : [...others].sort().join(', ');
  return warning('IDP_NAME', {
    found: `of ${looked} accounts that Usher did not link, none is linked to ${provider}; other providers: ${seen}`,
    meaning:
      'if Synapse calls the provider otherwise, people who sign in by SSO do not get the accounts that Usher makes.',
    remedy:
      'compare it with idp_id in homeserver.yaml (Synapse puts "oidc-" before it). Before the first login of anybody this is no fault.',
  });
}
