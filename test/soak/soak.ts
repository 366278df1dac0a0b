import { setTimeout as delay } from 'node:timers/promises';
import { curves, judge } from './judge.ts';
import { createSampler, metric, type Sample } from './sample.ts';
import { openStage, type Stage } from './stage.ts';
import { GROUPS, startTraffic } from './traffic.ts';

/** Steady traffic with faults for some minutes. Prints the curve; ends with 1 if something is not flat or not right. */

const SAMPLE_MS = 5_000;
const LONGEST_REST_MS = 60_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function lineOf(sample: Sample): string {
  const { seconds, memory, descriptors, wal, database, kept, rows, lagMs, healthP99, scimP99 } = sample;
  const cells = [seconds, memory, descriptors, wal.toFixed(1), database.toFixed(1), kept, rows];
  const times = [lagMs, healthP99, scimP99].map((ms) => ms.toFixed(0));
  return [...cells, ...times].map((cell) => String(cell).padStart(8)).join('');
}

const HEAD = ['s', 'MB', 'files', 'WAL MB', 'db MB', 'kept', 'rows', 'lag', 'health', 'SCIM'];

/** Once nobody pushes and nothing fails any more: whose room is not as the provider last said. */
async function wrongRooms(stage: Stage, expectedIn: (group: string) => readonly string[]) {
  const wrong = (): readonly string[] =>
    GROUPS.filter((group) => `${stage.inRoomOf(group)}` !== `${expectedIn(group)}`);
  for (const end = performance.now() + LONGEST_REST_MS; performance.now() < end; await delay(250)) {
    const left = await metric(stage.usher.url, 'usher_work_items');
    if (left === 0 && wrong().length === 0) return [];
  }
  const left = await metric(stage.usher.url, 'usher_work_items');
  return [...wrong(), ...(left === 0 ? [] : [`${left} people who still wait`])];
}

async function soak(minutes: number): Promise<number> {
  const stage = await openStage(GROUPS);
  const traffic = await startTraffic(stage);
  const sampler = createSampler(stage, traffic.takeTimes);
  const samples: Sample[] = [];
  say(HEAD.map((title) => title.padStart(8)).join(''));
  for (const end = performance.now() + minutes * 60_000; performance.now() < end; ) {
    await delay(SAMPLE_MS);
    const sample = await sampler.take();
    samples.push(sample);
    say(lineOf(sample));
    if (traffic.failures.length > 0) break;
  }
  await traffic.stop();
  await sampler.stop();
  const wrong = await wrongRooms(stage, traffic.expectedIn);
  const { scim, scrapes, commands, edits, spells } = traffic.counts;
  const faults = traffic.faults();
  const found = [
    ...judge(samples, minutes),
    ...traffic.failures.map((failure) => `The traffic broke off: ${failure}.`),
    ...wrong.map((what) => `After it all, this is not right: ${what}.`),
    ...(faults > 0 && commands > 0 && edits > 0
      ? []
      : ['There was not all of the traffic that there is to be.']),
    ...(stage.usher.log().includes('error inside Usher') ? ['There was an error inside Usher.'] : []),
  ];
  say('');
  for (const line of curves(samples)) say(line);
  say(
    `\n${scim} SCIM requests, ${stage.proxy.requests()} requests to the homeserver, ${faults} of them met faults ` +
      `in ${spells} spells, ${scrapes} scrapes, ${commands} commands beside, ${edits} edits of the map`,
  );
  say(found.length === 0 ? 'All is flat, and right.' : found.join('\n'));
  await stage.close();
  return found.length === 0 ? 0 : 1;
}

const minutes = Number(process.argv[2] ?? 2);
if (!(minutes > 0)) {
  say('usage: npm run test:soak -- MINUTES');
  process.exit(2);
}
process.exitCode = await soak(minutes);
