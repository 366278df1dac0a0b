import { expect, it } from 'vitest';
import { createUserEmails } from '../../src/mas/emails.ts';
import { createUpstreamLinks } from '../../src/mas/links.ts';
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
    ...{ providerId, ann, ben },
    users: createMasUsers(unfiltered),
    links: createUpstreamLinks(unfiltered),
    emails: createUserEmails(unfiltered),
    subjects: () => mas.upstream.links().map(({ subject }) => subject),
    addresses: () => mas.emails.all().map(({ email }) => email),
  };
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
