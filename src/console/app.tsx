import { useEffect } from 'preact/hooks';
import { LocationProvider } from 'preact-iso';
import { Layout } from './layout.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { CONSOLE } from './places.ts';
import type { SessionKeeper } from './session.ts';
import { SignInAgain } from './sign-in.tsx';
import { Failed, Loading } from './states.tsx';
import { ToastProvider } from './toasts.tsx';
import { SessionContext, useKeeper, useSessionState } from './use-session.ts';

/** Its links are followed without a new document; the identity provider's are not among them. */
const PAGES = new RegExp(`^${CONSOLE}(?!/oidc/)(/|\\?|$)`);

/** The console: whoever is not signed in sees the sign-in, and is where she wanted to go afterwards. */
export function App({ keeper }: { readonly keeper: SessionKeeper }) {
  return (
    <SessionContext.Provider value={keeper}>
      <LocationProvider scope={PAGES}>
        <ToastProvider>
          <Door />
        </ToastProvider>
      </LocationProvider>
    </SessionContext.Provider>
  );
}

function Door() {
  const keeper = useKeeper();
  const state = useSessionState();
  useEffect(() => {
    void keeper.look();
  }, [keeper]);
  switch (state.kind) {
    case 'unknown':
      return <Loading what="the console" />;
    case 'unreachable':
      return <Failed problem={state.problem} retry={() => void keeper.look()} />;
    case 'none':
      return <SignInPage />;
    case 'open':
    case 'lost':
      return (
        <>
          <Layout />
          {state.kind === 'lost' && <SignInAgain name={state.session.name} />}
        </>
      );
  }
}
