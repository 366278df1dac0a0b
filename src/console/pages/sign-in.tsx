import { DoorOpen } from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { SignInForm } from '../sign-in.tsx';

/** Why the way by an identity provider led back here. */
const PROBLEMS: Readonly<Record<string, string>> = {
  cancelled: 'You cancelled it, or the provider did not let you in.',
  'no-group': 'You are in none of the groups that may use this console: OIDC_ADMIN_GROUP, OIDC_READER_GROUP.',
  failed: 'The provider could not be asked. The log of Usher says why.',
};

export function SignInPage() {
  const { query } = useLocation();
  useEffect(() => {
    document.title = 'Sign in · Usher';
  }, []);
  return (
    <main class="sign-in">
      <article>
        <h1>
          <DoorOpen aria-hidden="true" /> Usher
        </h1>
        {query.problem !== undefined && (
          <p class="notice bad" role="alert">
            {PROBLEMS[query.problem] ?? PROBLEMS.failed}
          </p>
        )}
        <SignInForm />
      </article>
    </main>
  );
}
