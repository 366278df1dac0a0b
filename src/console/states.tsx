import { CircleAlert, Inbox } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import type { Problem } from './api.ts';
import type { Data } from './use-data.ts';

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="state" aria-busy="true" role="status">
      Loading {what} …
    </p>
  );
}

/** What went wrong, and a way to try again. */
export function Failed({ problem, retry }: { readonly problem: Problem; readonly retry?: () => void }) {
  return (
    <div class="state notice bad" role="alert">
      <CircleAlert aria-hidden="true" />
      <div>
        <p>{problem.message}</p>
        {problem.status === 403 && <p>Sign in with a token or an account that may do this.</p>}
        {retry !== undefined && (
          <button type="button" class="secondary" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

/** Nothing is there: says why, and what to do. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="state empty">
      <Inbox aria-hidden="true" />
      <p>{children}</p>
    </div>
  );
}

/** Shows data when they are there, and what is to be said until then. */
export function Show<T>({
  data,
  what,
  reload,
  children,
}: {
  readonly data: Data<T>;
  readonly what: string;
  readonly reload: () => void;
  readonly children: (value: T) => ComponentChildren;
}) {
  if (data.kind === 'loading') return <Loading what={what} />;
  if (data.kind === 'failed') return <Failed problem={data.problem} retry={reload} />;
  return (
    <>
      {data.isStale && (
        <p class="notice warn" role="status">
          Usher does not answer now; this is what it said before.
        </p>
      )}
      {children(data.value)}
    </>
  );
}
