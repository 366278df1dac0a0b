import { KeyRound, LogIn } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { callApi, Problem } from './api.ts';
import { Dialog } from './dialog.tsx';
import { to } from './places.ts';
import { asProblem } from './use-data.ts';
import { useKeeper } from './use-session.ts';

type Ways = { readonly token: boolean; readonly oidc: { readonly name: string } | null };

const OIDC = to('/oidc/start');

/** The ways to sign in. `isOver`: over a page with something on it, which is not to be left. */
export function SignInForm({ isOver = false }: { readonly isOver?: boolean }) {
  const keeper = useKeeper();
  const [ways, setWays] = useState<Ways>();
  const [token, setToken] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    callApi<Ways>('/sign-in').then(setWays, (error: unknown) => setWrong(asProblem(error).message));
  }, []);
  const signIn = async (): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await keeper.signIn(token.trim());
    } catch (error) {
      setWrong(whyNot(error));
      setBusy(false);
    }
  };
  return (
    <>
      {ways?.oidc && (
        <button type="button" class="wide" onClick={() => window.open(OIDC, isOver ? '_blank' : '_self')}>
          <LogIn aria-hidden="true" /> Sign in with {ways.oidc.name}
          {isOver && ' (in another tab)'}
        </button>
      )}
      {ways?.oidc && <p class="or">or</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <label>
          Token of an admin
          <input
            type="password"
            name="token"
            autocomplete="current-password"
            required
            value={token}
            aria-invalid={wrong === undefined ? undefined : true}
            aria-describedby="token-help"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <small id="token-help">
          To make one: <code>usher token create NAME --scope admin</code>
        </small>
        {wrong !== undefined && (
          <p class="notice bad" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" class="wide" aria-busy={isBusy} disabled={isBusy}>
          <KeyRound aria-hidden="true" /> Sign in
        </button>
      </form>
    </>
  );
}

function whyNot(error: unknown): string {
  if (error instanceof Problem && error.status === 401) {
    return 'That is no token of Usher. Was all of it copied?';
  }
  return asProblem(error).message;
}

/** Over the page when the session ended: nothing on the page is lost, and what was asked for goes on afterwards. */
export function SignInAgain({ name }: { readonly name: string }) {
  const keeper = useKeeper();
  useEffect(() => {
    // Perhaps she signed in in another tab.
    const look = (): void => void keeper.look();
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, [keeper]);
  return (
    <Dialog title="Your session has ended">
      <p>Sign in again as {name} to go on. Nothing on the page is lost.</p>
      <SignInForm isOver />
      <button type="button" class="plain" onClick={keeper.forget}>
        Leave it, and sign out
      </button>
    </Dialog>
  );
}
