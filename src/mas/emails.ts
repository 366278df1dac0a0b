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
  /** These and no others. Refused if anybody else has one of them; then those that are not wanted are gone already. */
  readonly replace: (userId: string, addresses: readonly string[]) => Promise<void>;
};

const EMAILS = '/api/admin/v1/user-emails';

export function createUserEmails(client: RestClient): UserEmails {
  const matching = async (filter: Readonly<Record<string, string>>): Promise<readonly UserEmail[]> => {
    const found = await allResources(client, { route: EMAILS, query: filter }, 'e-mail');
    return found.map(emailOf);
  };
  // A filter that got lost on the way, or is none of this MAS, gives everything.
  const ofUser: UserEmails['ofUser'] = async (userId) =>
    (await matching({ 'filter[user]': userId })).filter((each) => each.userId === userId);
  const add: UserEmails['add'] = async (userId, address) => {
    await client.call({ method: 'POST', route: EMAILS, body: { user_id: userId, email: address } });
  };
  return {
    ...{ ofUser, add },
    byAddress: async (wanted) =>
      (await matching({ 'filter[email]': wanted })).find(({ address }) => isSame(address, wanted)),
    async replace(userId, addresses) {
      const present = await ofUser(userId);
      for (const { id, address } of present) {
        if (addresses.some((each) => isSame(each, address))) continue;
        await client.call({ method: 'DELETE', route: `${EMAILS}/{id}`, params: { id } });
      }
      for (const wanted of addresses) {
        if (!present.some(({ address }) => isSame(address, wanted))) await add(userId, wanted);
      }
    },
  };
}

/** As MAS compares them. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function emailOf({ id, attributes }: Resource): UserEmail {
  return {
    id,
    userId: text(attributes.user_id, 'user_id'),
    address: text(attributes.email, 'email'),
  };
}
