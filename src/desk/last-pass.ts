import type { Store } from '../store/store.ts';

/** What the service wrote down of its last full pass. */
export type LastPass = {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly marked: number;
  readonly problems: readonly { readonly target: string; readonly message: string }[];
  /** Accounts and rooms that somebody else had changed. */
  readonly drift: number;
};

/** Undefined if none was written down, or another Usher wrote it otherwise. */
export async function readLastPass({ facts }: Pick<Store, 'facts'>): Promise<LastPass | undefined> {
  const fact = await facts.get('last-pass');
  if (!isObject(fact)) return undefined;
  const { startedAt, finishedAt, marked, problems, drifted } = fact;
  if (typeof startedAt !== 'number' || typeof finishedAt !== 'number') return undefined;
  return {
    startedAt,
    finishedAt,
    marked: typeof marked === 'number' ? marked : 0,
    problems: Array.isArray(problems) ? problems.filter(isObject).map(toProblem) : [],
    drift: typeof drifted === 'number' ? drifted : 0,
  };
}

function toProblem({ target, message }: Readonly<Record<string, unknown>>) {
  return { target: String(target ?? ''), message: String(message ?? '') };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
