import { iso } from './explain-json.ts';
import { SILENT } from './heard.ts';
import type { Status } from './status-facts.ts';
import { type Step, stepsJson } from './step.ts';
import { ago, count, span } from './words.ts';

/** A line of the report; with a remedy, a person has to do something. */
export type Line = {
  readonly subject: string;
  readonly found: string;
  readonly remedy?: string | undefined;
  /** By which it is done, if there are such. */
  readonly steps?: readonly Step[];
};

/** The same as the alert that docs/operations.md proposes. */
const LONG_LAG_MS = 15 * 60_000;

/** A line for each part. */
export function linesOf(status: Status): readonly Line[] {
  return [
    status.isRunning ? RUNNING : STOPPED,
    databaseLine(status),
    ...providerLines(status),
    homeserverLine(status),
    ...mapLines(status),
    workLine(status),
    ...peopleLines(status),
    holdsLine(status),
    passLine(status),
    ...(status.isDryRun ? [DRY_RUN] : []),
  ];
}

const RUNNING: Line = { subject: 'service', found: 'running' };
const STOPPED: Line = {
  subject: 'service',
  found: 'not running: nothing is received, and nothing is done',
  remedy: 'start it: docker compose up -d, or npm start',
};

const DRY_RUN: Line = {
  subject: 'dry run',
  found: 'DRY_RUN is true: nothing is changed on the homeserver',
  remedy: 'set it to false and restart, when the plan is what you want',
  steps: [{ kind: 'plan' }],
};

function databaseLine({ database: { folder, bytes, schema } }: Status): Line {
  return { subject: 'database', found: `${(bytes / 1e6).toFixed(1)} MB in ${folder}, schema ${schema}` };
}

function providerLines({ sources, silenceMs, now }: Status): readonly Line[] {
  const subject = 'provider';
  if (sources.length === 0) {
    return [
      {
        subject,
        found: 'no user and no group is there',
        remedy: 'have the identity provider send users and groups',
      },
    ];
  }
  return sources.map(({ source, users, groups, lastHeard, lastModified }) => {
    const when = (at: number | undefined): string => (at === undefined ? 'never' : ago(at, now));
    const has = `${count(users, 'user')}, ${count(groups, 'group')}`;
    const found = `${source}: last heard ${when(lastHeard)}, last change ${when(lastModified)}; ${has}`;
    const isSilent = silenceMs !== undefined && lastHeard !== undefined && now - lastHeard > silenceMs;
    return { subject, found, ...(isSilent && { remedy: SILENT, steps: [{ kind: 'tokens' }] }) };
  });
}

function homeserverLine({ homeserver: { url, version, problem } }: Status): Line {
  const subject = 'homeserver';
  if (problem === undefined)
    return { subject, found: `Synapse ${version} answers at ${url}; the token is good` };
  const remedy = 'look at what is wrong; everything waits until then';
  return { subject, found: problem, remedy, steps: [{ kind: 'check' }] };
}

function mapLines({ map, problems }: Status): readonly Line[] {
  const subject = 'group map';
  if (map.problem !== undefined) {
    const remedy =
      'mend it; the service goes on with the last good map until then, and does not start without';
    return [{ subject, found: map.problem, remedy }];
  }
  const has = `${map.location}: ${count(map.rules, 'rule')}, ${count(map.rooms, 'room')}`;
  const unresolved = map.unresolved.length === 0 ? '' : `; not found yet: ${map.unresolved.join(', ')}`;
  return [
    { subject, found: `${has}${unresolved}` },
    ...map.unmatched.map((found) => ({
      subject,
      found,
      remedy: 'correct the key, or have the provider push the group',
    })),
    ...problems.map(({ message }) => ({
      subject: 'room',
      found: message,
      remedy: 'as it says; tried again every 5 minutes',
    })),
  ];
}

function workLine({ work: { total, due, failing, lagMs, byUrgency } }: Status): Line {
  const subject = 'work';
  if (total === 0) return { subject, found: 'nobody waits' };
  const kinds = Object.entries(byUrgency).flatMap(([name, amount]) =>
    amount > 0 ? [`${amount} ${name}`] : [],
  );
  const lag = due === 0 ? '' : `, the longest for ${span(lagMs)}`;
  const found = `${count(total, 'person waits', 'people wait')} (${kinds.join(', ')}); ${due} due now${lag}`;
  // Who fails is tried again slowly, and may wait for long.
  if (lagMs < LONG_LAG_MS || due <= failing) return { subject, found };
  return {
    subject,
    found,
    remedy: 'is the service running? Else the homeserver is slow, or it is a first sync',
  };
}

function peopleLines({ work: { failing } }: Status): readonly Line[] {
  const subject = 'people';
  if (failing === 0) return [{ subject, found: 'all looked at are as they should be' }];
  return [
    {
      subject,
      found: `${count(failing, 'person is', 'people are')} not as they should be`,
      remedy: 'look at the ways out, or at all of them',
      steps: [{ kind: 'conflicts' }, { kind: 'failing' }],
    },
  ];
}

/** The others are counted. */
const MOST_REASONS = 5;

function holdsLine({ held, holds }: Status): Line {
  const subject = 'holds';
  const open = holds.filter(({ verdict }) => verdict === undefined);
  const more = held.rejected === 0 ? '' : `; ${count(held.rejected, 'rejected one')}`;
  if (held.waiting === 0) return { subject, found: `none${more}` };
  const told = open.slice(0, MOST_REASONS);
  const reasons = told.map(({ digest, reason }) => `${digest}: ${reason}`).join('; ');
  const rest = held.waiting - told.length;
  return {
    subject,
    found: `${reasons}${rest === 0 ? '' : `; … and ${rest} more that wait`}${more}`,
    remedy: 'look at what is held, and decide',
    steps: [{ kind: 'held' }],
  };
}

function passLine({ lastPass, now, resyncMs }: Status): Line {
  const subject = 'last pass';
  if (lastPass === undefined) return { subject, found: 'none was written down yet' };
  const { startedAt, finishedAt, marked, drift } = lastPass;
  const took = `took ${span(finishedAt - startedAt)}`;
  const drifted = drift === 0 ? 'no drift' : `drift: ${drift} changed by somebody else`;
  const found = `${ago(finishedAt, now)}, ${took}; ${count(marked, 'person', 'people')} to look at, ${drifted}`;
  const isLate = now - finishedAt > 2 * resyncMs;
  return {
    subject,
    found,
    remedy: isLate ? `is the service running? One is due every ${span(resyncMs)}` : undefined,
  };
}

/** As JSON tells it. */
export function statusJson(status: Status, lines: readonly Line[], isWell: boolean) {
  const { now, lastPass, sources, ...rest } = status;
  return {
    isWell,
    at: iso(now),
    toDo: lines.filter(({ remedy }) => remedy !== undefined).map(stepsJson),
    ...rest,
    sources: sources.map((each) => ({
      ...each,
      lastHeard: iso(each.lastHeard),
      lastModified: iso(each.lastModified),
    })),
    lastPass: lastPass && {
      ...lastPass,
      startedAt: iso(lastPass.startedAt),
      finishedAt: iso(lastPass.finishedAt),
    },
  };
}
