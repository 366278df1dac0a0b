import type { RestClient } from '../rest/client.ts';
import { text } from '../rest/read.ts';
import { allResources, type Resource } from './resource.ts';

export type UserEmail = { readonly id: string; readonly userId: string; readonly address: string };

export type UserEmails = {
  readonly ofUser: (userId: string) => Promise<readonly UserEmail[]>;
  /** In any case of its letters. */
  readonly byAddress: (address: string) => Promise<UserEmail | undefined>;
  /** It counts as verified. Refused if anybody has it, or it is none. */
  readonly add: (userId: string, address: string) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
};

const EMAILS = '/api/admin/v1/user-emails';

export function createUserEmails(client: RestClient): UserEmails {
  const matching = async (filter: Readonly<Record<string, string>>): Promise<readonly UserEmail[]> => {
    const found = await allResources(client, { route: EMAILS, query: filter }, 'e-mail');
    return found.map(emailOf);
  };
  return {
    ofUser: (userId) => matching({ 'filter[user]': userId }),
    byAddress: async (address) => (await matching({ 'filter[email]': address }))[0],
    async add(userId, address) {
      await client.call({ method: 'POST', route: EMAILS, body: { user_id: userId, email: address } });
    },
    async remove(id) {
      await client.call({ method: 'DELETE', route: `${EMAILS}/{id}`, params: { id } });
    },
  };
}

function emailOf({ id, attributes }: Resource): UserEmail {
  return {
    id,
    userId: text(attributes.user_id, 'user_id'),
    address: text(attributes.email, 'email'),
  };
}
