import { type Finding, ok, warning } from '../../desk/finding.ts';
import { localpartOf, type UserId } from '../../matrix/ids.ts';
import { pasted } from '../check-report.ts';
import type { MasConnection } from '../connection.ts';
import { counted } from '../texts.ts';

/** How many users of MAS, and how many accounts of Synapse, are looked for on the other side. */
const SAMPLE = 50;
/** How many are named. */
const NAMED = 5;

type Sides = Pick<MasConnection, 'mas' | 'synapse'>;

/** Whether MAS and Synapse have the same accounts, as far as a sample tells. */
export async function* checkAccounts(sides: Sides, serverName: string): AsyncGenerator<Finding> {
  yield await checkUsers(sides, serverName);
  yield await checkStranded(sides);
}

/** The newest: if MAS may not write to Synapse, this is where it shows. */
async function checkUsers({ mas, synapse }: Sides, serverName: string): Promise<Finding> {
  const users = await mas.users.newest(SAMPLE);
  const unknown: string[] = [];
  for (const { username } of users) {
    const id = `@${username}:${serverName}` as UserId;
    if ((await synapse.account(id)) === undefined) unknown.push(id);
  }
  const looked = counted(users.length, 'user');
  if (unknown.length === 0) return ok('accounts', `of ${looked} of MAS, Synapse knows each`);
  return warning('accounts', {
    found: `of ${looked} of MAS, Synapse does not know ${unknown.length}: ${some(unknown)}`,
    meaning:
      'nobody can use these accounts. If MAS may not write to Synapse, Usher can make none either, and nobody is locked out who is locked in MAS.',
    remedy: `"kind" must not be synapse_read_only in the configuration of MAS. Restart it after a change, and have it tell Synapse of everybody with the last line:${pasted(`
matrix:
  kind: synapse

mas-cli manage provision-all-users`)}`,
  });
}

/** Nobody can use what is deactivated, wherever it is known. */
async function checkStranded({ mas, synapse }: Sides): Promise<Finding> {
  const stranded: UserId[] = [];
  let looked = 0;
  for await (const { userId, deactivated } of synapse.accounts()) {
    if (deactivated) continue;
    if (looked === SAMPLE) break;
    looked += 1;
    if ((await mas.users.byName(localpartOf(userId))) !== undefined) continue;
    if ((await synapse.account(userId))?.appservice === false) stranded.push(userId);
  }
  const sample = counted(looked, 'account');
  if (stranded.length === 0) return ok('accounts', `of ${sample} of Synapse, none is stranded`);
  return warning('accounts', {
    found: `of ${sample} of Synapse, MAS does not know ${stranded.length}: ${some(stranded)}`,
    meaning:
      'nobody can sign in to these, and nobody can be given their names. Only the account of server notices is as it should be.',
    remedy: `if one belongs to somebody whom the provider pushes, give her the way in:${pasted(`
usher link USER_NAME ${stranded[0]}`)}`,
  });
}

function some(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
