import type { JournalCount } from '../store/store.ts';
import type { Entry, News } from './ledger.ts';
import type { TroubleKind } from './trouble.ts';

/** A line of a report, and what to run about it. */
export type Line = { readonly text: string; readonly command?: string | undefined };

/** A message before it is text or HTML. */
export type Report = {
  readonly kind: TroubleKind | 'digest';
  readonly title: string;
  readonly sections: readonly Section[];
};

/** `more` stands below the lines; the heading above them. */
type Section = {
  readonly heading: string | undefined;
  readonly lines: readonly Line[];
  readonly more: Line | undefined;
};

/** So many lines are written out: of the only section, and of each of several. */
const MOST = 10;
const MOST_OF_SEVERAL = 5;

type Words = {
  readonly title: string;
  /** While nothing of the kind is left. */
  readonly allClear: string;
  /** Above what is over while something else is left. */
  readonly over: string;
  /** What shows all of it. */
  readonly look: string | undefined;
};

const WORDS: Readonly<Record<TroubleKind, Words>> = {
  held: {
    title: 'Held until somebody decides',
    allClear: 'Nothing is held any more',
    over: 'Decided, or not wanted any more',
    look: 'usher held',
  },
  people: {
    title: 'Not as they should be',
    allClear: 'Everybody is as they should be again',
    over: 'As they should be again',
    look: 'usher conflicts',
  },
  rooms: {
    title: 'Rooms that can not be used',
    allClear: 'All rooms can be used again',
    over: 'Can be used again',
    look: 'usher check',
  },
  homeserver: {
    title: 'The homeserver does not answer',
    allClear: 'The homeserver answers again',
    over: 'Over',
    look: undefined,
  },
  token: {
    title: "The homeserver refuses the bot's token",
    allClear: "The homeserver takes the bot's token again",
    over: 'Over',
    look: undefined,
  },
  database: {
    title: 'The database can not be used',
    allClear: 'The database can be used again',
    over: 'Over',
    look: undefined,
  },
  provider: {
    title: 'Nothing was heard of a provider',
    allClear: 'The providers are heard again',
    over: 'Heard again',
    look: 'usher status',
  },
  map: {
    title: 'The group map was not taken over; the last good one stays',
    allClear: 'The group map is a good one again',
    over: 'Over',
    look: 'usher map check',
  },
};

/** One message about all that is new of one kind. */
export function reportOf(news: News): Report {
  const { kind, began, changed, over, passed, still } = news;
  const words = WORDS[kind];
  const isOver = began.length + changed.length + still === 0;
  const isOnlyNew = changed.length + over.length + passed.length === 0;
  const most =
    [began, changed, over, passed].filter(({ length }) => length > 0).length > 1 ? MOST_OF_SEVERAL : MOST;
  const from = (heading: string | undefined, entries: readonly Entry[], line: (entry: Entry) => Line) =>
    section(heading, entries.map(line), words.look, most);
  return {
    kind,
    title: isOver ? words.allClear : words.title,
    sections: [
      ...from(isOnlyNew ? undefined : 'New', began, asIs),
      ...from('Changed', changed, asIs),
      ...from(isOver ? undefined : words.over, over, withTimes),
      ...from('Came and went', passed, withTimes),
      ...(still > 0 ? section(undefined, [{ text: `As told before: ${still}`, command: words.look }]) : []),
    ],
  };
}

const ACTIONS: Readonly<Record<string, string>> = {
  join: 'joined to rooms',
  kick: 'removed from rooms',
  'create-account': 'accounts made',
  'update-account': 'accounts updated',
  'set-avatar': 'avatars set',
  restrict: 'accounts restricted',
  unrestrict: 'restrictions lifted',
  'grant-admin': 'made server admins',
  'revoke-admin': 'server admins no more',
  'set-levels': 'power levels set',
  hold: 'holds',
  tell: 'told by a server notice',
  left: 'left rooms by themselves',
  kicked: 'removed by moderators',
  banned: 'banned by moderators',
};

/** What happened since the last digest; undefined if nothing did. */
export function digestOf(
  counts: readonly JournalCount[],
  open: readonly Entry[],
  { since, until }: { readonly since: number; readonly until: number },
): Report | undefined {
  if (counts.length === 0) return undefined;
  const lines = counts.map(({ action, outcome, count }) => {
    const failed = outcome === 'failed' ? ', refused or failed' : '';
    return { text: `${ACTIONS[action] ?? action}${failed}: ${count}` };
  });
  const kinds = Object.entries(WORDS).flatMap(([kind, { title, look }]) => {
    const waiting = open.filter((entry) => entry.kind === kind && entry.until === undefined).length;
    return waiting === 0 ? [] : [{ text: `${title}: ${waiting}`, command: look }];
  });
  return {
    kind: 'digest',
    title: `From ${minute(since)} to ${minute(until)}`,
    sections: [...section(undefined, lines), ...section('Still so', kinds)],
  };
}

function section(
  heading: string | undefined,
  lines: readonly Line[],
  look?: string | undefined,
  most = Number.POSITIVE_INFINITY,
): readonly Section[] {
  if (lines.length === 0) return [];
  const rest = lines.length - most;
  const more = rest > 0 ? { text: `… and ${rest} more`, command: look } : undefined;
  return [{ heading, lines: lines.slice(0, most), more }];
}

function asIs({ text, command }: Entry): Line {
  return { text, command };
}

function withTimes({ text, since, until = since }: Entry): Line {
  return { text: `${text} (${minute(since)} to ${minute(until)})` };
}

/** `2026-11-22 10:14 UTC`. */
function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
