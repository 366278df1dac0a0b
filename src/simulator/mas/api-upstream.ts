import { filtersOf } from './filters.ts';
import { pageOf, single } from './json-api.ts';
import type { Mas } from './mas.ts';
import { refused } from './refusal.ts';
import { bodyOf, idIn, type MasHandlers, optionalText, text, ulid } from './request.ts';
import { API, LINK, PROVIDER } from './resources.ts';
import type { MasLink } from './upstream.ts';

/** Upstream providers, and links to what users are there, in the admin API. */
export function upstreamHandlers({ upstream, users, features }: Mas): MasHandlers {
  function userBy(id: string) {
    const user = users.get(id);
    if (user === undefined) throw refused(404, `User ID ${id} not found`);
    return user;
  }

  function existing(id: string): MasLink {
    const link = upstream.link(id);
    if (link === undefined) throw refused(404, `Upstream OAuth 2.0 Link ID ${id} not found`);
    return link;
  }

  const linkHandlers: MasHandlers = {
    'GET /upstream-oauth-links'(call) {
      const names = ['user', 'provider', 'subject', 'human-account-name'];
      const filters = filtersOf(call, `${API}/upstream-oauth-links`, names);
      const [userId, providerId] = [filters.ulid('user'), filters.ulid('provider')];
      const [subject, name] = [filters.text('subject'), filters.text('human-account-name')?.toLowerCase()];
      if (userId !== undefined) userBy(userId);
      if (providerId !== undefined && upstream.provider(providerId) === undefined) {
        throw refused(404, `Provider ID ${providerId} not found`);
      }
      const listed = upstream
        .links()
        .filter((link) => userId === undefined || link.userId === userId)
        .filter((link) => providerId === undefined || link.providerId === providerId)
        .filter((link) => subject === undefined || link.subject === subject)
        .filter((link) => name === undefined || link.humanAccountName?.toLowerCase().includes(name));
      return pageOf(LINK, listed, filters.base, call);
    },

    /** A subject that has a user is refused, whoever she is; one that has none becomes hers, and keeps its name. */
    'POST /upstream-oauth-links'(call) {
      const body = bodyOf(call);
      const [userId, providerId] = [ulid(body, 'user_id'), ulid(body, 'provider_id')];
      const [subject, humanAccountName] = [text(body, 'subject'), optionalText(body, 'human_account_name')];
      const user = userBy(userId);
      if (upstream.provider(providerId) === undefined) {
        throw refused(404, `Upstream OAuth 2.0 Provider ID ${providerId} not found`);
      }
      const known = upstream.linkOf(providerId, subject);
      if (known === undefined) {
        const added = upstream.addLink({ providerId, subject, humanAccountName }, user);
        return single(LINK, added, { status: 201 });
      }
      if (known.userId !== undefined) {
        const what = `Upstream Oauth 2.0 Provider ID ${providerId} with subject ${subject}`;
        throw refused(409, `${what} is already linked to a user`);
      }
      known.userId = user.id;
      return single(LINK, known);
    },

    'GET /upstream-oauth-links/{id}': (call) => single(LINK, existing(idIn(call))),

    'DELETE /upstream-oauth-links/{id}'(call) {
      upstream.removeLink(existing(idIn(call)).id);
      return { status: 204 };
    },
  };

  const providerList: MasHandlers = {
    'GET /upstream-oauth-providers'(call) {
      const filters = filtersOf(call, `${API}/upstream-oauth-providers`, ['enabled']);
      const enabled = filters.flag('enabled');
      const isListed = ({ disabledAt }: { disabledAt: number | undefined }) =>
        enabled === undefined || enabled === (disabledAt === undefined);
      return pageOf(PROVIDER, upstream.providers().filter(isListed), filters.base, call);
    },
  };

  const oneProvider: MasHandlers = {
    'GET /upstream-oauth-providers/{id}'(call) {
      const provider = upstream.provider(idIn(call));
      if (provider === undefined) throw refused(404, 'Provider not found');
      return single(PROVIDER, provider);
    },
  };

  return {
    ...linkHandlers,
    ...(features.siteConfig && providerList),
    ...(features.version && oneProvider),
  };
}
