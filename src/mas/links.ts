import { HomeserverError } from '../matrix/error.ts';
import type { RestClient } from '../rest/client.ts';
import { optionalText, text } from '../rest/read.ts';
import { allResources, type Resource } from './resource.ts';

/** An identity at an upstream provider. Whoever signs in there with this subject gets the user's account. */
export type UpstreamLink = {
  readonly id: string;
  /** The ULID of the provider in MAS. */
  readonly providerId: string;
  readonly subject: string;
  /** None: somebody began to sign in for the first time, and did not end it. */
  readonly userId: string | undefined;
};

export type UpstreamLinks = {
  readonly ofUser: (userId: string) => Promise<readonly UpstreamLink[]>;
  readonly bySubject: (providerId: string, subject: string) => Promise<UpstreamLink | undefined>;
  /** Refused if the subject is somebody else's. One that is the user's already is left as it is. */
  readonly add: (userId: string, providerId: string, subject: string) => Promise<void>;
  /** These and no others; a user who is to keep one has it all the while. */
  readonly replace: (userId: string, wanted: readonly Identity[]) => Promise<void>;
};

type Identity = Pick<UpstreamLink, 'providerId' | 'subject'>;

const LINKS = '/api/admin/v1/upstream-oauth-links';

export function createUpstreamLinks(client: RestClient): UpstreamLinks {
  const matching = async (filter: Readonly<Record<string, string>>): Promise<readonly UpstreamLink[]> => {
    const found = await allResources(client, { route: LINKS, query: filter }, 'link');
    return found.map(linkOf);
  };
  // A filter that got lost on the way, or is none of this MAS, gives everything.
  const bySubject: UpstreamLinks['bySubject'] = async (providerId, subject) => {
    const found = await matching({ 'filter[provider]': providerId, 'filter[subject]': subject });
    return found.find((each) => isSame(each, { providerId, subject }));
  };
  const ofUser: UpstreamLinks['ofUser'] = async (userId) =>
    (await matching({ 'filter[user]': userId })).filter((each) => each.userId === userId);
  const links: UpstreamLinks = {
    ...{ bySubject, ofUser },

    async add(userId, providerId, subject) {
      // MAS refuses what is linked already, and does not say to whom.
      const before = await bySubject(providerId, subject);
      if (before?.userId === userId) return;
      if (before?.userId !== undefined) {
        throw new HomeserverError('refused', 'her identity at the provider is linked to another account');
      }
      const body = { user_id: userId, provider_id: providerId, subject };
      await client.call({ method: 'POST', route: LINKS, body });
    },

    async replace(userId, wanted) {
      for (const { providerId, subject } of wanted) await links.add(userId, providerId, subject);
      for (const { id, ...present } of await ofUser(userId)) {
        if (wanted.some((each) => isSame(each, present))) continue;
        await client.call({ method: 'DELETE', route: `${LINKS}/{id}`, params: { id } });
      }
    },
  };
  return links;
}

function isSame(one: Identity, other: Identity): boolean {
  return one.providerId === other.providerId && one.subject === other.subject;
}

function linkOf({ id, attributes }: Resource): UpstreamLink {
  return {
    id,
    providerId: text(attributes.provider_id, 'provider_id'),
    subject: text(attributes.subject, 'subject'),
    userId: optionalText(attributes.user_id, 'user_id'),
  };
}
