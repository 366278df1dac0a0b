import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { UserEmails } from '../../src/mas/emails.ts';
import type { UpstreamLinks } from '../../src/mas/links.ts';
import { createMas, type Mas } from '../../src/mas/mas.ts';
import type { PersonalSessions } from '../../src/mas/sessions.ts';
import { createTokenRequest } from '../../src/mas/token-endpoint.ts';
import type { MasUsers } from '../../src/mas/users.ts';
import type { RestCall, RestClient } from '../../src/rest/client.ts';

const PAGE = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const ISSUER = 'https://idp.example/';
const NEW = { username: 'ann', displayName: 'Ann', adopts: false };

/** All that Usher does with MAS. What is added there is missing here, as the types say, until it is told of. */
const USERS: { readonly [Name in keyof MasUsers]: (users: MasUsers) => unknown } = {
  byName: (users) => users.byName('ann'),
  byId: (users) => users.byId('1'),
  all: (users) => listed(users.all()),
  newest: (users) => users.newest(5),
  admins: (users) => listed(users.admins()),
  add: (users) => users.add(NEW),
  setLocked: async (users) => [await users.setLocked('1', true), await users.setLocked('1', false)],
  deactivate: (users) => users.deactivate('1', { isErased: false }),
  reactivate: (users) => users.reactivate('1'),
  setAdmin: (users) => users.setAdmin('1', true),
  hasSignedIn: (users) => users.hasSignedIn('1'),
};
const LINKS: { readonly [Name in keyof UpstreamLinks]: (links: UpstreamLinks) => unknown } = {
  bySubject: (links) => links.bySubject('2', 'subject'),
  ofUser: (links) => links.ofUser('1'),
  add: (links) => links.add('1', '2', 'subject'),
  replace: (links) => links.replace('1', [{ providerId: '2', subject: 'another' }]),
};
const EMAILS: { readonly [Name in keyof UserEmails]: (emails: UserEmails) => unknown } = {
  ofUser: (emails) => emails.ofUser('1'),
  byAddress: (emails) => emails.byAddress('ann@usher.test'),
  add: (emails) => emails.add('1', 'ann@usher.test'),
  replace: (emails) => emails.replace('1', ['other@usher.test']),
};
const SESSIONS: {
  readonly [Name in keyof PersonalSessions]: (sessions: PersonalSessions) => unknown;
} = {
  begin: (sessions) => sessions.begin('1'),
  renew: (sessions) => sessions.renew('4'),
  ofUser: (sessions) => sessions.ofUser('1'),
  revoke: (sessions) => sessions.revoke('4'),
  endAdmin: (sessions) => sessions.endAdmin('1'),
};
const ITSELF: { readonly [Name in keyof Mas]: (mas: Mas) => Promise<unknown> } = {
  users: (mas) => inTurn(USERS, mas.users),
  links: (mas) => inTurn(LINKS, mas.links),
  emails: (mas) => inTurn(EMAILS, mas.emails),
  sessions: (mas) => inTurn(SESSIONS, mas.sessions),
  providerId: (mas) => mas.providerId(),
  release: (mas) => mas.release(),
  doubt: async (mas) => mas.doubt(),
};

async function listed(each: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for await (const one of each) all.push(one);
  return all;
}

async function inTurn<T>(uses: Readonly<Record<string, (of: T) => unknown>>, of: T): Promise<void> {
  for (const use of Object.values(uses)) await use(of);
}

/** One of everything, which fits each question. */
function answerTo({ method, route }: RestCall): unknown {
  const attributes = {
    ...{ username: 'ann', admin: false, user_id: '1', provider_id: '2', subject: 'before' },
    ...{ email: 'ann@usher.test', issuer: ISSUER, human_name: 'Usher' },
    ...{ access_token: 'mpt_1', expires_at: '2027-01-01T00:00:00Z' },
  };
  const site = {
    ...{ server_name: 'usher.test', account_deactivation_allowed: false },
    ...{ displayname_change_allowed: false, email_change_allowed: false },
  };
  if (route === '/api/admin/v1/version') return { version: 'v1.22.0' };
  if (route === '/api/admin/v1/site-config') return site;
  if (route.startsWith('/oauth2/')) return { access_token: 'mat_1', expires_in: 300 };
  const resource = { type: 'any', id: '2', attributes };
  const isList = method === 'GET' && !route.includes('{');
  return { data: isList ? [resource] : resource, links: {} };
}

async function callsMade(): Promise<readonly string[]> {
  const made = new Set<string>();
  const client: RestClient = {
    async call(call) {
      made.add(`${call.method} ${call.route}`);
      // Nobody has that identity yet: so it is written.
      const isFree = call.query?.['filter[subject]'] !== undefined;
      return isFree ? { data: [], links: {} } : answerTo(call);
    },
  };
  const upstream = { kind: 'issuer', issuer: ISSUER } as const;
  await inTurn(ITSELF, createMas({ client, clientId: '3', upstream, serverName: 'usher.test' }));
  const endpoints = async () => ['https://account.example/oauth2/token'];
  await createTokenRequest({ clientFor: () => client, credentials: { id: '3', secret: 'x' }, endpoints })();
  return [...made].toSorted();
}

describe('docs/security.md', () => {
  it('names every call to MAS, and none that is not made', async () => {
    const told = [...PAGE.matchAll(/`((?:GET|POST|PUT|DELETE) \/(?:api\/admin|oauth2)\/[^`]+)`/g)];
    const made = await callsMade();
    expect(made.length).toBeGreaterThan(20);
    expect([...new Set(told.map(([, call]) => call))].toSorted()).toEqual(made);
  });
});
