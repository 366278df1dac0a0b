import { filtersOf } from './filters.ts';
import { pageOf, single } from './json-api.ts';
import type { Mas } from './mas.ts';
import { refused } from './refusal.ts';
import {
  bodyOf,
  flag,
  idIn,
  type MasCall,
  type MasHandlers,
  mistyped,
  optionalBodyOf,
  optionalText,
  text,
} from './request.ts';
import { API, USER } from './resources.ts';
import { isUsername, isValid, type MasUser } from './users.ts';

/** What is done to a user who exists; answered with her as she is then. */
type Deed = (user: MasUser, call: MasCall) => void;

/** Users of the admin API. */
export function userHandlers(mas: Mas): MasHandlers {
  const { users, features, homeserver, homeserverJobs } = mas;

  function existing(call: MasCall): MasUser {
    const id = idIn(call);
    const user = users.get(id);
    if (user === undefined) throw refused(404, `User ID ${id} not found`);
    return user;
  }

  const doing = (name: string, deed: Deed) => (call: MasCall) => {
    const user = existing(call);
    deed(user, call);
    return single(USER, user, { self: `${API}/users/${user.id}/${name}` });
  };

  /** Told to Synapse before she is one here, so that nothing is written if Synapse is down. */
  function provision(username: string, call: MasCall): MasUser {
    const body = bodyOf(call);
    const profile = features.profileOfNewUser
      ? { displayName: optionalText(body, 'displayname'), avatarUrl: optionalText(body, 'avatar_url') }
      : {};
    if (features.reactivation) homeserver.provision(username, { ...profile, locked: false });
    const user = users.add(username);
    if (!features.reactivation) homeserverJobs.provision(user);
    return user;
  }

  function tellLock(user: MasUser): void {
    if (features.tellsLocks) homeserverJobs.provision(user);
  }

  return {
    'GET /users'(call) {
      const searched = features.siteConfig ? ['search'] : [];
      const filters = filtersOf(call, `${API}/users`, ['admin', 'legacy-guest', ...searched, 'status']);
      const [admin, guest] = [filters.flag('admin'), filters.flag('legacy-guest')];
      const search = filters.text('search')?.toLowerCase() ?? '';
      const status = filters.oneOf('status', ['active', 'locked', 'deactivated']);
      const listed = users
        .all()
        .filter((user) => status === undefined || HAS_STATUS[status](user))
        .filter(({ canRequestAdmin }) => canRequestAdmin === (admin ?? canRequestAdmin))
        .filter(({ username }) => username.includes(search) && guest !== true);
      return pageOf(USER, listed, filters.base, call);
    },

    'POST /users'(call) {
      const body = bodyOf(call);
      const username = text(body, 'username');
      const skipsCheck = flag(body, 'skip_homeserver_check') ?? false;
      if (users.byUsername(username) !== undefined) throw refused(409, 'User already exists');
      if (!isUsername(username)) throw refused(400, 'Username is not valid');
      if (!homeserver.isLocalpartAvailable(username) && !skipsCheck) {
        throw refused(409, 'Username is reserved by the homeserver');
      }
      return single(USER, provision(username, call), { status: 201 });
    },

    'GET /users/{id}': (call) => single(USER, existing(call)),

    'GET /users/by-username/{username}'({ params: { username = '' } }) {
      const user = users.byUsername(username);
      if (user === undefined) throw refused(404, `User with username "${username}" not found`);
      return single(USER, user, { self: `${API}/users/by-username/${username}` });
    },

    'POST /users/{id}/lock': doing('lock', (user) => {
      users.lock(user);
      tellLock(user);
    }),

    'POST /users/{id}/unlock': doing('unlock', (user) => {
      if (!features.reactivation) {
        homeserver.reactivateUser(user.username);
        users.reactivate(user);
      }
      users.unlock(user);
      tellLock(user);
    }),

    'POST /users/{id}/deactivate': doing('deactivate', (user, call) => {
      const skipsErase = features.reactivation && (flag(optionalBodyOf(call), 'skip_erase') ?? false);
      if (features.reactivation) users.deactivate(user);
      else users.lock(user);
      homeserverJobs.deactivate(user, !skipsErase);
    }),

    ...(features.reactivation && {
      'POST /users/{id}/reactivate': doing('reactivate', (user) => {
        // Synapse first.
        homeserver.reactivateUser(user.username);
        users.reactivate(user);
      }),
    }),

    'POST /users/{id}/set-admin': doing('set-admin', (user, call) => {
      const admin = flag(bodyOf(call), 'admin');
      if (admin === undefined) throw mistyped('missing field `admin`');
      user.canRequestAdmin = admin;
    }),

    'POST /users/{id}/set-password'() {
      throw refused(403, 'Password auth is disabled');
    },
  };
}

const HAS_STATUS = {
  active: isValid,
  locked: ({ lockedAt }: MasUser) => lockedAt !== undefined,
  deactivated: ({ deactivatedAt }: MasUser) => deactivatedAt !== undefined,
};
