import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it, type TestContext } from 'vitest';
import { networkOf } from '../../src/http/address.ts';
import { createRefusals, REFUSALS, type Refusal } from '../../src/http/refusals.ts';
import { createLog } from '../../src/log.ts';
import { tempDir } from '../support/temp-dir.ts';
import { runTool, TOOLS, toolFor } from '../support/tools.ts';

const FOLDER = join(import.meta.dirname, '../../deploy/fail2ban');
const FILTER = join(FOLDER, 'filter.d/usher.conf');
/** Of the system, or where `.ci/tools` unpacked it. */
const UNPACKED = join(TOOLS, 'etc/fail2ban');
const CONFIG = existsSync(UNPACKED) ? UNPACKED : '/etc/fail2ban';
const PYTHONPATH = join(TOOLS, 'usr/lib/python3/dist-packages');

/** The lines that Usher logs of such refusals. */
function logged(refusals: readonly (readonly [Refusal, string])[]): readonly string[] {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk).trimEnd());
      done();
    },
  });
  const { note, close } = createRefusals({ log: createLog('info', stream), count: () => {} });
  for (const [reason, address] of refusals) note(reason, networkOf(address));
  close();
  return lines;
}

/** Whom the filter finds in a log: addresses, and when, in milliseconds since 1970. */
async function found(context: TestContext, lines: readonly string[]) {
  const file = join(tempDir(), 'usher.log');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const args = ['-c', CONFIG, '-o', 'row', file, FILTER];
  const env = { PYTHONPATH, TZ: 'Asia/Tokyo' };
  const { stdout, output, exitCode } = await runTool(toolFor(context, 'fail2ban-regex'), args, { env });
  expect(exitCode, output).toBe(0);
  return [...stdout.matchAll(/^\['([^']+)',\s*(\d+)/gm)].map(([, address, seconds]) => ({
    address,
    at: Number(seconds) * 1000,
  }));
}

describe('the filter of fail2ban', { timeout: 60_000 }, () => {
  it('finds who comes with wrong tokens, at the time of the line wherever the machine is', async (context) => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const lines = logged([
      ['token', '203.0.113.9'],
      ['throttled', '::ffff:203.0.113.9'],
      ['token', '2001:db8:1:2:3:4:5:6'],
    ]);
    const all = await found(context, lines);
    expect(all.map(({ address }) => address)).toEqual(['203.0.113.9', '203.0.113.9', '2001:db8:1:2::/64']);
    for (const { at } of all) {
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(Date.now());
    }
  });

  it('finds them in what Docker and journald make of the lines', async (context) => {
    const [line = ''] = logged([['token', '203.0.113.9']]);
    const docker = JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: new Date().toISOString() });
    const all = await found(context, [docker, `host.example node[812]: ${line}`]);
    expect(all.map(({ address }) => address)).toEqual(['203.0.113.9', '203.0.113.9']);
  });

  it('leaves alone who is refused for another reason, or is named by a client', async (context) => {
    const others = REFUSALS.filter((reason) => !['token', 'throttled'].includes(reason));
    expect(others.length).toBeGreaterThan(2);
    const refused = logged([
      ...others.map((reason) => [reason, '203.0.113.9'] as const),
      ['token', 'unknown'],
    ]);
    const [line = ''] = logged([['token', '198.51.100.7']]);
    const forged = { level: 'warn', time: new Date().toISOString(), method: 'GET', path: line, status: 404 };
    const all = await found(context, [
      ...refused,
      JSON.stringify(forged),
      ...logged([['token', '192.0.2.1']]),
    ]);
    expect(all.map(({ address }) => address)).toEqual(['192.0.2.1']);
  });
});

describe('the jail of fail2ban', { timeout: 60_000 }, () => {
  it('is one to fail2ban, beside its own configuration', async (context) => {
    const client = toolFor(context, 'fail2ban-client');
    const config = tempDir();
    cpSync(CONFIG, config, { recursive: true });
    rmSync(join(config, 'jail.d'), { recursive: true });
    cpSync(FOLDER, config, { recursive: true });
    const { output, exitCode } = await runTool(client, ['-c', config, '-d'], { env: { PYTHONPATH } });
    expect(exitCode, output).toBe(0);
    expect(output).toContain("['add', 'usher', 'systemd']");
    expect(output).toContain("['set', 'usher', 'addjournalmatch', '_SYSTEMD_UNIT=usher.service']");
    expect(output).toContain("['start', 'usher']");
  });

  it('is for the unit that is beside it', () => {
    const jail = readFileSync(join(FOLDER, 'jail.d/usher.conf'), 'utf8');
    const unit = /_SYSTEMD_UNIT=(\S+)/.exec(jail)?.[1] ?? '';
    expect(existsSync(join(FOLDER, '../systemd', unit)), unit).toBe(true);
  });
});
