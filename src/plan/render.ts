import type { UserId } from '../matrix/ids.ts';
import { type Change, type Finding, takesAway } from './change.ts';
import { oneLine } from './legible.ts';

/** One change as a line of text. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'create-account':
      return change.profile.adopts
        ? `make a way in to ${change.account}, which nobody can sign in to`
        : `create account ${change.account}`;
    case 'update-account':
      return `update account ${change.account} (${Object.keys(change.update).join(', ')})`;
    case 'set-avatar':
      return `set the avatar of ${change.account}`;
    case 'restrict':
      return `${change.restriction} account ${change.account}`;
    case 'unrestrict':
      return `${LIFTED[change.restriction]} account ${change.account}`;
    case 'grant-admin':
      return `make ${change.account} a server admin`;
    case 'revoke-admin':
      return `take the right of a server admin from ${change.account}`;
    case 'join':
      return `join ${change.account} to ${change.roomId}`;
    case 'kick':
      return `remove ${change.account} from ${change.roomId}`;
    case 'set-levels':
      return `set power levels in ${change.roomId}: ${describeLevels(change.levels)}`;
  }
}

function describeLevels(levels: ReadonlyMap<UserId, number | undefined>): string {
  return [...levels].map(([account, level]) => `${account} ${level ?? 'as everybody'}`).join(', ');
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
    readonly held: readonly string[];
    readonly toMake: readonly string[];
  },
  names: Names,
): string {
  const removals = plan.changes.filter(takesAway);
  const others = plan.changes.filter((change) => !takesAway(change));
  const toKnow = [...plan.findings.map(({ message }) => message), ...plan.notes];
  const lines = [
    ...section(
      'Takes away',
      removals.map((change) => `- ${describeWithGroups(change, names)}`),
    ),
    ...section('Gives and updates', [
      ...plan.toMake.map((room) => `+ make ${room}, and join whom it is open to`),
      ...others.map((change) => `+ ${describeWithGroups(change, names)}`),
    ]),
    ...section(
      'Would be held until you approve (usher held)',
      plan.held.map((reason) => `! ${reason}`),
    ),
    ...section(
      'To know',
      toKnow.map((text) => `! ${text}`),
    ),
    ...section(
      'Can not be read',
      plan.problems.map((problem) => `! ${problem.message}`),
    ),
    conclusion(removals.length, others.length + plan.toMake.length, toKnow.length + plan.problems.length),
  ];
  return lines.join('\n');
}

/** A change with the groups it comes by, in a few words. */
export function describeWithGroups(change: Change, names: Names): string {
  if (change.kind !== 'join' && change.kind !== 'kick') return describeChange(change);
  const { account, roomId, via } = change;
  const room = names.get(roomId) ?? roomId;
  const groups = via.map((group) => names.get(group) ?? (group === '*' ? 'everybody' : group)).join(', ');
  if (change.kind === 'kick' && via.length === 0)
    return `remove ${account} from ${room} (no group lets her in)`;
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
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${oneLine(line)}`), ''];
}
