import { type Change, type Finding, takesAway } from './change.ts';

/** One change as a line of text. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'create-account':
      return `create account ${change.account}`;
    case 'update-account':
      return `update account ${change.account} (${Object.keys(change.update).join(', ')})`;
    case 'restrict':
      return `${change.restriction} account ${change.account}`;
    case 'unrestrict':
      return `${LIFTED[change.restriction]} account ${change.account}`;
    case 'join':
      return `join ${change.account} to ${change.roomId}`;
    case 'kick':
      return `remove ${change.account} from ${change.roomId}`;
  }
}

const LIFTED = {
  lock: 'unlock',
  suspend: 'unsuspend',
  deactivate: 'reactivate',
  erase: 'reactivate',
} as const;

type Problem = { readonly target: string; readonly message: string };

/** What ids are called: rooms as the group map calls them, groups by their display names. */
export type Names = ReadonlyMap<string, string>;

/** A whole plan for a person to read: what is taken away first, then the rest, then what stands in the way. */
export function renderPlan(
  plan: {
    readonly changes: readonly Change[];
    readonly findings: readonly Finding[];
    readonly problems: readonly Problem[];
    readonly notes: readonly string[];
  },
  names: Names,
): string {
  const removals = plan.changes.filter(takesAway);
  const others = plan.changes.filter((change) => !takesAway(change));
  const toKnow = [...plan.findings.map(({ message }) => message), ...plan.notes];
  const lines = [
    ...section(
      'Takes away',
      removals.map((change) => `- ${inWords(change, names)}`),
    ),
    ...section(
      'Gives and updates',
      others.map((change) => `+ ${inWords(change, names)}`),
    ),
    ...section(
      'To know',
      toKnow.map((text) => `! ${text}`),
    ),
    ...section(
      'Can not be read',
      plan.problems.map((problem) => `! ${problem.message}`),
    ),
    conclusion(removals.length, others.length, toKnow.length + plan.problems.length),
  ];
  return lines.join('\n');
}

function inWords(change: Change, names: Names): string {
  if (!('roomId' in change)) return describeChange(change);
  const { account, roomId, via } = change;
  const room = names.get(roomId) ?? roomId;
  const groups = via.map((group) => names.get(group) ?? (group === '*' ? 'everybody' : group)).join(', ');
  return change.kind === 'join'
    ? `join ${account} to ${room} (${groups})`
    : `remove ${account} from ${room} (was let in by ${groups})`;
}

function conclusion(removals: number, others: number, remarks: number): string {
  if (removals + others > 0) {
    return `${removals + others} changes: ${removals} take away, ${others} give or update.`;
  }
  return remarks === 0
    ? 'Nothing to do: the homeserver is as it should be.'
    : 'Nothing to do now; but see above.';
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}
