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

const LIFTED = { lock: 'unlock', suspend: 'unsuspend', deactivate: 'reactivate' } as const;

type Problem = { readonly target: string; readonly message: string };

/** A whole plan for a person to read: what is taken away first, then the rest, then what stands in the way. */
export function renderPlan(plan: {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
}): string {
  const removals = plan.changes.filter(takesAway);
  const others = plan.changes.filter((change) => !takesAway(change));
  const lines = [
    ...section(
      'Takes away',
      removals.map((change) => `- ${describeChange(change)}`),
    ),
    ...section(
      'Gives and updates',
      others.map((change) => `+ ${describeChange(change)}`),
    ),
    ...section(
      'To know',
      plan.findings.map((finding) => `! ${finding.message}`),
    ),
    ...section(
      'Can not be read',
      plan.problems.map((problem) => `! ${problem.message}`),
    ),
    plan.changes.length === 0
      ? 'Nothing to do: the homeserver is as it should be.'
      : `${plan.changes.length} changes: ${removals.length} take away, ${others.length} give or update.`,
  ];
  return lines.join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}
