import { filtersOf } from './filters.ts';
import { pageOf, single } from './json-api.ts';
import type { Mas } from './mas.ts';
import { refused } from './refusal.ts';
import { idIn, type MasHandlers } from './request.ts';
import { API, BROWSER_SESSION, COMPAT_SESSION, type Kind, OAUTH2_SESSION } from './resources.ts';
import type { Scope } from './scope.ts';

type AnySession = {
  readonly id: string;
  readonly userId: string | undefined;
  readonly clientId?: string;
  readonly scope?: Scope;
  finishedAt: number | undefined;
};

/** Sessions that people began, in the admin API: of browsers, and of clients by either login. */
export function sessionHandlers(mas: Mas): MasHandlers {
  const { users, sessions, homeserverJobs, features } = mas;

  function of<T extends AnySession>(kind: Kind<T>, title: string, all: ReadonlyMap<string, T>): MasHandlers {
    const lists: MasHandlers = {
      [`GET ${kind.path}`](call) {
        const filters = filtersOf(call, `${API}${kind.path}`, ['user', 'client', 'scope', 'status']);
        const [clients, scopes] = [filters.texts('client'), filters.texts('scope')];
        const [userId, status] = [filters.ulid('user'), filters.oneOf('status', ['active', 'finished'])];
        if (userId !== undefined && users.get(userId) === undefined) {
          throw refused(404, `User ID ${userId} not found`);
        }
        const listed = [...all.values()]
          .filter((session) => userId === undefined || session.userId === userId)
          .filter(({ clientId = '' }) => clients.length === 0 || clients.includes(clientId))
          .filter(({ scope = [] }) => scopes.every((token) => scope.includes(token)))
          .filter(
            ({ finishedAt }) => status === undefined || (status === 'active') === (finishedAt === undefined),
          );
        return pageOf(kind, listed, filters.base, call);
      },

      [`GET ${kind.path}/{id}`](call) {
        const session = all.get(idIn(call));
        if (session === undefined) throw refused(404, `${title} ID ${idIn(call)} not found`);
        return single(kind, session);
      },
    };
    return features.version ? { ...lists, ...finishing(kind, title, all) } : lists;
  }

  function finishing<T extends AnySession>(
    kind: Kind<T>,
    title: string,
    all: ReadonlyMap<string, T>,
  ): MasHandlers {
    return {
      [`POST ${kind.path}/{id}/finish`](call) {
        const id = idIn(call);
        const session = all.get(id);
        if (session === undefined) throw refused(404, `${title} with ID ${id} not found`);
        if (session.finishedAt !== undefined) {
          throw refused(400, `${title} with ID ${id} is already finished`);
        }
        session.finishedAt = mas.now();
        const user = users.get(session.userId ?? '');
        if (user !== undefined) homeserverJobs.syncDevices(user);
        return single(kind, session, { self: `${API}${kind.path}/${id}/finish` });
      },
    };
  }

  return {
    ...of(BROWSER_SESSION, 'User session', sessions.browser),
    ...of(OAUTH2_SESSION, 'OAuth 2.0 session', sessions.oauth2),
    ...of(COMPAT_SESSION, 'Compatibility session', sessions.compat),
  };
}
