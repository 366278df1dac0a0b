import { type Call, callApi, Problem } from './api.ts';

/** Who is signed in, as `/api/v1/session` says. */
export type Session = {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly csrf: string;
  readonly expires: string;
};

/**
 * `unknown`: not asked yet. `unreachable`: asked, and no answer. `lost`: it ended while somebody worked; what is on the page waits
 * until there is another.
 */
export type SessionState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreachable'; readonly problem: Problem }
  | { readonly kind: 'none' }
  | { readonly kind: 'open' | 'lost'; readonly session: Session };

export type SessionKeeper = {
  readonly state: () => SessionState;
  /** Calls back at each change; returns how to stop it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Asks whether there is one, such as of another tab. */
  readonly look: () => Promise<void>;
  /** Rejects with `Problem`. */
  readonly signIn: (token: string) => Promise<void>;
  /** Rejects with `Problem`. */
  readonly signOut: () => Promise<void>;
  /** Gives a lost session up. */
  readonly forget: () => void;
  /** A call of the API. If the session has ended, it waits for the next, and is made again then. */
  readonly call: <T>(path: string, call?: Call) => Promise<T>;
};

export function createSessionKeeper(): SessionKeeper {
  let state: SessionState = { kind: 'unknown' };
  const listeners = new Set<() => void>();
  const become = (next: SessionState): void => {
    state = next;
    for (const listener of [...listeners]) listener();
  };
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const csrf = () => ('session' in state ? state.session.csrf : undefined);

  const look = async (): Promise<void> => {
    try {
      become({ kind: 'open', session: await callApi<Session>('/session') });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401) become('session' in state ? { ...state, kind: 'lost' } : { kind: 'none' });
      else if (state.kind === 'unknown') become({ kind: 'unreachable', problem: error });
    }
  };

  const opened = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = subscribe(() => {
        if (state.kind !== 'open') return;
        stop();
        resolve();
      });
    });

  /** Whether the refusal was for somebody who has signed in anew since, such as in another tab. */
  const isOfAnotherSession = async ({ method = 'GET' }: Call): Promise<boolean> => {
    if (method === 'GET') return false;
    const before = csrf();
    await look();
    return state.kind === 'open' && csrf() !== before;
  };

  const call = async <T>(path: string, options: Call = {}): Promise<T> => {
    try {
      return await callApi<T>(path, { ...options, csrf: csrf() });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 403 && (await isOfAnotherSession(options))) return call<T>(path, options);
      if (error.status !== 401 || !('session' in state)) throw error;
      const reopened = opened();
      if (state.kind === 'open') become({ ...state, kind: 'lost' });
      await reopened;
      options.signal?.throwIfAborted();
      return call<T>(path, options);
    }
  };

  return {
    ...{ subscribe, look, call },
    state: () => state,
    forget: () => become({ kind: 'none' }),
    async signIn(token) {
      become({
        kind: 'open',
        session: await callApi<Session>('/session', { method: 'POST', body: { token } }),
      });
    },
    async signOut() {
      await callApi<void>('/session', { method: 'DELETE', csrf: csrf() });
      become({ kind: 'none' });
    },
  };
}
