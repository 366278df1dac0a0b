import type { Provisioning } from '../provisioning.ts';
import type { Emails } from './emails.ts';
import type { HomeserverJobs } from './homeserver-jobs.ts';
import type { MasLink, MasProvider, Upstream } from './upstream.ts';
import { isValid, type MasUser, type Users } from './users.ts';

/** Whom an upstream provider says somebody is: `sub`, `preferred_username`, `name`, `email`. */
export type Claims = {
  readonly subject: string;
  readonly username: string;
  readonly displayName?: string;
  readonly email?: string;
};

/** Who she is then, or what she reads in place of it. */
export type SignIn =
  | { readonly outcome: 'signed-in'; readonly user: MasUser }
  | { readonly outcome: 'locked' | 'deactivated'; readonly user: MasUser }
  | { readonly outcome: 'user-exists' | 'localpart-not-available' | 'policy-error' | 'provider-disabled' };

type Deps = {
  readonly upstream: Upstream;
  readonly users: Users;
  readonly emails: Emails;
  readonly homeserver: Provisioning;
  readonly jobs: HomeserverJobs;
};

/** Signing in by an upstream provider (MAS's `upstream_oauth2/link.rs`), up to where a client gets its token. */
export function createSignIn(deps: Deps): (providerId: string, claims: Claims) => SignIn {
  const { upstream, users, emails, homeserver, jobs } = deps;

  return (providerId, claims) => {
    const provider = upstream.provider(providerId);
    if (provider === undefined || provider.disabledAt !== undefined) return { outcome: 'provider-disabled' };
    // The link is written down before it is known whose it is, and stays if that never is.
    const link =
      upstream.linkOf(providerId, claims.subject) ??
      upstream.addLink({ providerId, subject: claims.subject, humanAccountName: undefined });
    const linked = link.userId === undefined ? undefined : users.get(link.userId);
    if (linked !== undefined) return entering(linked);

    const namesake = users.byUsername(claims.username);
    if (namesake !== undefined) return takeOver(provider, link, namesake);
    if (!PASSES_POLICY.test(claims.username)) return { outcome: 'policy-error' };
    if (!homeserver.isLocalpartAvailable(claims.username)) return { outcome: 'localpart-not-available' };
    return entering(register(link, claims));
  };

  /** What `on_conflict` says of an account that has the name already. */
  function takeOver({ id, onConflict }: MasProvider, link: MasLink, user: MasUser): SignIn {
    const others = upstream.links().filter((had) => had.providerId === id && had.userId === user.id);
    if (onConflict === 'fail' || (onConflict === 'set' && others.length > 0))
      return { outcome: 'user-exists' };
    if (onConflict === 'replace') for (const other of others) upstream.removeLink(other.id);
    link.userId = user.id;
    return entering(user);
  }

  function register(link: MasLink, { username, email, displayName }: Claims): MasUser {
    const user = users.add(username);
    link.userId = user.id;
    if (email !== undefined && emails.byAddress(email).length === 0) emails.add(user, email);
    jobs.provision(user, displayName);
    return user;
  }
}

/** MAS's `register.rego`. That a name must not begin with an underscore is a rule of Synapse. */
const PASSES_POLICY = /^(?!\d+$)[a-z0-9.=_/+-]{1,255}$/;

function entering(user: MasUser): SignIn {
  if (isValid(user)) return { outcome: 'signed-in', user };
  return { outcome: user.deactivatedAt === undefined ? 'locked' : 'deactivated', user };
}
