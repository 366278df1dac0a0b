import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from './api.ts';
import { useKeeper } from './use-session.ts';

export type Data<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'ready'; readonly value: T; readonly isStale: boolean };

export type Loaded<T> = { readonly data: Data<T>; readonly reload: () => void };

/**
 * What is at this path of the API; asked again after `reload`, and every `everyMs` while the page is looked at. While it is asked again, and
 * if it then can't be had, what was there stays, as stale.
 */
export function useData<T>(path: string, everyMs?: number): Loaded<T> {
  const { call } = useKeeper();
  const [found, setFound] = useState<{ readonly path: string; readonly data: Data<T> }>();
  const [asked, setAsked] = useState(0);
  const reload = useCallback(() => setAsked((count) => count + 1), []);
  useEffect(() => {
    const stop = new AbortController();
    const fail = (error: unknown): void => {
      if (stop.signal.aborted) return;
      setFound((before) =>
        before?.path === path && before.data.kind === 'ready'
          ? { path, data: { ...before.data, isStale: true } }
          : { path, data: { kind: 'failed', problem: asProblem(error) } },
      );
    };
    call<T>(path, { signal: stop.signal }).then((value) => {
      if (!stop.signal.aborted) setFound({ path, data: { kind: 'ready', value, isStale: false } });
    }, fail);
    return () => stop.abort();
  }, [call, path, asked]);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);
  return { data: found?.path === path ? found.data : { kind: 'loading' }, reload };
}

export type Paged<T, A = unknown> = Loaded<readonly T[]> & {
  /** The answer with the first page. */
  readonly first: Data<A>;
  /** Undefined if that is all. */
  readonly more: (() => void) | undefined;
  readonly isLoadingMore: boolean;
};

/** What a list answers: `next` is the cursor of what follows. */
type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/**
 * A list that comes page by page. `path` has its query, without the cursor; `read` finds the page in an answer. `everyMs` is as
 * in `useData`, while nobody has asked for a second page.
 */
export function usePaged<A, T>(path: string, read: (answer: A) => Page<T>, everyMs?: number): Paged<T, A> {
  const { call } = useKeeper();
  // With the first page as it was: one that a poll brings later goes with none of the others.
  const [later, setLater] = useState<{ readonly of: string; readonly pages: readonly Page<T>[] }>();
  const [reloads, setReloads] = useState(0);
  const list = `${reloads} ${path}`;
  const whole = later?.of === list ? later.pages : undefined;
  const { data: first, reload } = useData<A>(path, whole === undefined ? everyMs : undefined);
  const [isLoadingMore, setLoadingMore] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const readPage = useRef(read);
  const answer = first.kind === 'ready' ? first.value : undefined;
  const pages = whole ?? (answer === undefined ? [] : [readPage.current(answer)]);
  useEffect(() => {
    setLater(undefined);
    setProblem(undefined);
  }, [path]);
  const next = pages.at(-1)?.next;
  const more = async (cursor: string): Promise<void> => {
    setLoadingMore(true);
    setProblem(undefined);
    try {
      const glue = path.includes('?') ? '&' : '?';
      const page = readPage.current(await call<A>(`${path}${glue}cursor=${encodeURIComponent(cursor)}`));
      setLater({ of: list, pages: [...pages, page] });
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setLoadingMore(false);
    }
  };
  const data: Data<readonly T[]> =
    problem !== undefined
      ? { kind: 'failed', problem }
      : first.kind === 'ready'
        ? { ...first, value: pages.flatMap(({ items }) => items) }
        : first;
  return {
    ...{ data, first, isLoadingMore },
    reload: () => {
      setProblem(undefined);
      setReloads((count) => count + 1);
      reload();
    },
    more: typeof next === 'string' ? () => void more(next) : undefined,
  };
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, error instanceof Error ? error.message : String(error), [], error);
}
