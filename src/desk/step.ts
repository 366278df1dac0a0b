import type { UserId } from '../matrix/ids.ts';

/**
 * Something that a person can do. Sentences say what for; who shows them adds the step: a terminal its command, the console a
 * link or a button.
 */
export type Step =
  | { readonly kind: 'check' | 'conflicts' | 'failing' | 'held' | 'plan' | 'tokens' }
  | { readonly kind: 'approve' | 'reject'; readonly digest: string }
  /** `user` is a user name or a SCIM id. */
  | { readonly kind: 'link'; readonly user: string; readonly account: UserId | undefined }
  | { readonly kind: 'unlink'; readonly user: string };

/** For a shell. */
export function commandOf(step: Step): string {
  switch (step.kind) {
    case 'approve':
    case 'reject':
      return `usher ${step.kind} ${step.digest}`;
    case 'link':
      return `usher link ${quoted(step.user)} ${quoted(step.account ?? 'ACCOUNT')}`;
    case 'unlink':
      return `usher unlink ${quoted(step.user)}`;
    case 'failing':
      return 'usher users --failing';
    case 'tokens':
      return 'usher token list';
    default:
      return `usher ${step.kind}`;
  }
}

/** As JSON tells it. */
export function stepJson(step: Step) {
  return { kind: step.kind, command: commandOf(step) };
}

/** Something with steps, likewise. */
export function stepsJson<T extends { readonly steps?: readonly Step[] }>({ steps, ...rest }: T) {
  return { ...rest, ...(steps && { steps: steps.map(stepJson) }) };
}

/** A sentence without its stop, with the commands of its steps. */
export function withCommands(text: string, steps: readonly Step[]): string {
  return steps.length === 0 ? text : `${text}: ${steps.map(commandOf).join(', or ')}`;
}

function quoted(text: string): string {
  return /^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
