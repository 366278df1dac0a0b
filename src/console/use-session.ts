import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Session, SessionKeeper, SessionState } from './session.ts';

export const SessionContext = createContext<SessionKeeper | undefined>(undefined);

export function useKeeper(): SessionKeeper {
  const keeper = useContext(SessionContext);
  if (keeper === undefined) throw new Error('there is no SessionContext around this');
  return keeper;
}

export function useSessionState(): SessionState {
  const keeper = useKeeper();
  const [state, setState] = useState(keeper.state());
  useEffect(() => {
    setState(keeper.state());
    return keeper.subscribe(() => setState(keeper.state()));
  }, [keeper]);
  return state;
}

/** Who works here; only below the sign-in. */
export function useSession(): Session {
  const state = useSessionState();
  if (!('session' in state)) throw new Error('nobody is signed in');
  return state.session;
}

/** Whether she may change anything, or only look. */
export function useMayChange(): boolean {
  return useSession().scopes.includes('admin');
}
