import { isAddress } from './emails.ts';
import { filtersOf } from './filters.ts';
import { pageOf, single } from './json-api.ts';
import type { Mas } from './mas.ts';
import { refused } from './refusal.ts';
import { bodyOf, idIn, type MasHandlers, text, ulid } from './request.ts';
import { API, EMAIL } from './resources.ts';

/** E-mails of users in the admin API; addresses are compared in any case. */
export function emailHandlers({ emails, users, homeserverJobs }: Mas): MasHandlers {
  function userBy(id: string) {
    const user = users.get(id);
    if (user === undefined) throw refused(404, `User ID ${id} not found`);
    return user;
  }

  function existing(id: string) {
    const email = emails.get(id);
    if (email === undefined) throw refused(404, `User email ID ${id} not found`);
    return email;
  }

  return {
    'GET /user-emails'(call) {
      const filters = filtersOf(call, `${API}/user-emails`, ['user', 'email']);
      const [userId, address] = [filters.ulid('user'), filters.text('email')?.toLowerCase()];
      if (userId !== undefined) userBy(userId);
      const listed = emails
        .all()
        .filter((email) => userId === undefined || email.userId === userId)
        .filter(({ email }) => address === undefined || email.toLowerCase() === address);
      return pageOf(EMAIL, listed, filters.base, call);
    },

    'POST /user-emails'(call) {
      const body = bodyOf(call);
      const [userId, address] = [ulid(body, 'user_id'), text(body, 'email')];
      const user = userBy(userId);
      if (!isAddress(address)) throw refused(400, `Email "${address}" is not valid`, 'Invalid email address');
      if (emails.byAddress(address).length > 0) throw refused(409, `User email "${address}" already in use`);
      const added = emails.add(user, address);
      homeserverJobs.provision(user);
      return single(EMAIL, added, { status: 201 });
    },

    'GET /user-emails/{id}': (call) => single(EMAIL, existing(idIn(call))),

    'DELETE /user-emails/{id}'(call) {
      const email = existing(idIn(call));
      emails.remove(email.id);
      homeserverJobs.provision(userBy(email.userId));
      return { status: 204 };
    },
  };
}
