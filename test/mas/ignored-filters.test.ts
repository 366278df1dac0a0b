import { expect, it } from 'vitest';
import { createUserEmails } from '../../src/mas/emails.ts';
import { createUpstreamLinks } from '../../src/mas/links.ts';
import { createPersonalSessions } from '../../src/mas/sessions.ts';
import { createMasUsers } from '../../src/mas/users.ts';
import type { RestClient } from '../../src/rest/client.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';

/** Ann and Ben, each with a link and an e-mail, where filters get lost on the way, or are none of this MAS. */
async function open() {
  const { client, simulated } = await openMasDesk();
  const { mas, providerId } = simulated;
  const [ann, ben] = ['ann', 'ben'].map((name) => {
    const user = mas.register(name, { canRequestAdmin: name === 'ann' });
    mas.upstream.addLink({ providerId, subject: `uid-${name}`, humanAccountName: undefined }, user);
    mas.emails.add(user, `${name}@example.org`);
    return user;
  });
  if (ann === undefined || ben === undefined) throw new Error('nobody');
  const isKept = (name: string): boolean => !name.startsWith('filter[');
  const unfiltered: RestClient = {
    call({ query = {}, ...call }) {
      const left = Object.entries(query).filter(([name]) => isKept(name));
      return client.call({ ...call, query: Object.fromEntries(left) });
    },
  };
  return {
    ...{ mas, providerId, ann, ben },
    users: createMasUsers(unfiltered),
    links: createUpstreamLinks(unfiltered),
    emails: createUserEmails(unfiltered),
    sessions: createPersonalSessions(unfiltered, simulated.clientId),
    subjects: () => mas.upstream.links().map(({ subject }) => subject),
    addresses: () => mas.emails.all().map(({ email }) => email),
  };
}

/** Both have a session with admin rights, and a personal one. */
async function openWithSessions() {
  const { mas, ann, ben, ...rest } = await open();
  for (const { id } of [ann, ben]) {
    await rest.sessions.begin(id);
    mas.sessions.startOAuth2({ userId: id, clientId: 'element', scope: ['urn:synapse:admin:*'] });
  }
  const personal = () => mas.personalSessions.all().filter(({ revokedAt }) => revokedAt === undefined);
  const oauth2 = () => [...mas.sessions.oauth2.values()].filter(({ finishedAt }) => finishedAt === undefined);
  const ids = () => [...personal().map(({ actorId }) => actorId), ...oauth2().map(({ userId }) => userId)];
  const of = [ann.id, ben.id];
  return { ...rest, ann, ben, open: () => ids().filter((id) => id !== undefined && of.includes(id)) };
}

it('calls nobody a server admin', async () => {
  const { users } = await open();
  const names: string[] = [];
  for await (const { username } of users.admins()) names.push(username);
  expect(names).toEqual(['ann']);
});

it('finds nobody else by an identity or an e-mail', async () => {
  const { links, emails, providerId, ben } = await open();
  expect((await links.bySubject(providerId, 'uid-ben'))?.userId).toBe(ben.id);
  expect(await links.bySubject(providerId, 'uid-cem')).toBeUndefined();
  expect((await emails.byAddress('BEN@example.org'))?.userId).toBe(ben.id);
  expect(await emails.byAddress('cem@example.org')).toBeUndefined();
});

it('takes nothing from anybody else', async () => {
  const { links, emails, providerId, ben, subjects, addresses } = await open();
  await links.replace(ben.id, [{ providerId, subject: 'another' }]);
  await emails.replace(ben.id, ['another@example.org']);
  expect(subjects()).toEqual(['uid-ann', 'another']);
  expect(addresses()).toEqual(['ann@example.org', 'another@example.org']);
});

it('ends the sessions of nobody else', async () => {
  const { sessions, ann, ben, open } = await openWithSessions();
  await sessions.endAdmin(ben.id);
  expect(open()).toEqual([ann.id, ann.id]);
});
