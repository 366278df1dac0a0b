import { writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { SimulatedMasOptions } from '../homeserver/simulated-mas.ts';
import { startWithMas, type WithMas } from '../homeserver/with-mas.ts';
import { tempDir } from '../temp-dir.ts';
import { usher } from '../terminal.ts';
import { type Env, envFor } from '../usher.ts';

/** What to do to a homeserver that is all right, and which settings to change. */
export type Spoil = (homeserver: WithMas) => Env | Promise<Env>;

/** A misconfiguration, and all warnings and failures that are printed. */
export type Case = {
  readonly title: string;
  readonly options?: SimulatedMasOptions;
  readonly spoil: Spoil;
  readonly said: readonly string[];
};

/** What ends the report when something has to be mended first. */
export const REST = `warn  not looked at: the rest of MAS and Synapse, and the rooms of the group map
      it means: more may be wrong than is said here.
      to do:    mend what is above, and run this again.`;

export type Checked = {
  readonly exitCode: number;
  /** As printed; addresses and ids that differ from run to run have names. */
  readonly findings: readonly string[];
};

/** A homeserver with MAS where nothing is wrong: people may not change their own accounts. */
export async function startSoundMas(options: SimulatedMasOptions = {}): Promise<WithMas> {
  const homeserver = await startWithMas(options);
  onTestFinished(() => homeserver.close());
  homeserver.mas.site.account_deactivation_allowed = false;
  homeserver.mas.site.displayname_change_allowed = false;
  homeserver.mas.site.email_change_allowed = false;
  return homeserver;
}

/** A token for Synapse that somebody made, as an older MAS needs it. */
export function byHand({ adminToken }: WithMas): Env {
  return { MATRIX_ADMIN_TOKEN: adminToken };
}

/** What `usher check` says of it. */
export async function check(homeserver: WithMas, env: Env = {}, folder = tempDir()): Promise<Checked> {
  const settings = envFor(homeserver, folder, env);
  writeFileSync(String(settings.GROUP_MAP_FILE), '{}');
  const { exitCode, stdout } = await usher(['check'], settings);
  const [report = ''] = stdout.split('\n\nUsher can');
  return { exitCode, findings: named(homeserver, report).split(/\n(?=ok {4}|warn {2}|FAIL {2})/) };
}

/** The warnings and failures among them. */
export function troubles({ findings }: Checked): readonly string[] {
  return findings.filter((finding) => !finding.startsWith('ok  '));
}

function named({ masUrl, issuer, url, clientId, providerId, otherProvider }: WithMas, text: string): string {
  const names = [
    [masUrl, 'http://mas:8081'],
    [issuer, 'https://auth.example/'],
    [issuer.replace(/\/$/, ''), 'https://auth.example'],
    [url, 'http://synapse:8008'],
    [clientId, 'CLIENT'],
    [providerId, 'PROVIDER'],
    [otherProvider, 'OTHER'],
  ] as const;
  return names.reduce((said, [from, to]) => (from === undefined ? said : said.replaceAll(from, to)), text);
}
