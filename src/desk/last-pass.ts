import { ROOM_PROBLEMS } from '../reconcile/room-desk.ts';
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
    problems: problemsIn(problems),
    drift: typeof drifted === 'number' ? drifted : 0,
  };
}

/** What is wrong with rooms, by the last full pass and by the looks at single rooms since then. */
export async function readRoomProblems(store: Pick<Store, 'facts'>): Promise<LastPass['problems']> {
  const all = [
    ...((await readLastPass(store))?.problems ?? []),
    ...problemsIn(await store.facts.get(ROOM_PROBLEMS)),
  ];
  return [...new Map(all.map((problem) => [problem.message, problem])).values()];
}

function problemsIn(value: unknown): LastPass['problems'] {
  return Array.isArray(value) ? value.filter(isObject).map(toProblem) : [];
}

function toProblem({ target, message }: Readonly<Record<string, unknown>>) {
  return { target: String(target ?? ''), message: String(message ?? '') };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
