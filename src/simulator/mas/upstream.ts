import type { MasUser } from './users.ts';

/** An upstream provider of `upstream_oauth2.providers`. */
export type MasProvider = {
  readonly id: string;
  readonly createdAt: number;
  /** Not there if it is not discovered by an issuer. */
  readonly issuer: string | undefined;
  readonly humanName: string | undefined;
  readonly brandName: string | undefined;
  /** `claims_imports.localpart.on_conflict`, with `action: require`. */
  readonly onConflict: OnConflict;
  disabledAt: number | undefined;
};

export type OnConflict = 'fail' | 'add' | 'replace' | 'set';

/** What somebody is at an upstream provider; without a user, the trace of an attempt to sign in. */
export type MasLink = {
  readonly id: string;
  readonly createdAt: number;
  readonly providerId: string;
  readonly subject: string;
  readonly humanAccountName: string | undefined;
  userId: string | undefined;
};

export type NewProvider = {
  readonly issuer?: string | undefined;
  readonly humanName?: string;
  readonly brandName?: string;
  readonly onConflict?: OnConflict;
};

export type Upstream = {
  providers(): readonly MasProvider[];
  provider(id: string): MasProvider | undefined;
  addProvider(provider: NewProvider): MasProvider;
  /** It is taken out of the configuration, and stays known. */
  disableProvider(id: string): void;

  links(): readonly MasLink[];
  link(id: string): MasLink | undefined;
  linkOf(providerId: string, subject: string): MasLink | undefined;
  addLink(link: Pick<MasLink, 'providerId' | 'subject' | 'humanAccountName'>, user?: MasUser): MasLink;
  removeLink(id: string): void;
};

export function createUpstream({ now, newId }: { now: () => number; newId: () => string }): Upstream {
  const providers = new Map<string, MasProvider>();
  const links = new Map<string, MasLink>();

  return {
    providers: () => [...providers.values()],
    provider: (id) => providers.get(id),

    addProvider({ issuer, humanName, brandName, onConflict = 'fail' }) {
      const names = { issuer, humanName, brandName };
      const added = { id: newId(), createdAt: now(), ...names, onConflict, disabledAt: undefined };
      providers.set(added.id, added);
      return added;
    },

    disableProvider(id) {
      const provider = providers.get(id);
      if (provider !== undefined) provider.disabledAt ??= now();
    },

    links: () => [...links.values()],
    link: (id) => links.get(id),
    linkOf(providerId, subject) {
      return [...links.values()].find((link) => link.providerId === providerId && link.subject === subject);
    },

    addLink(link, user) {
      const added: MasLink = { id: newId(), createdAt: now(), ...link, userId: user?.id };
      links.set(added.id, added);
      return added;
    },
    removeLink: (id) => void links.delete(id),
  };
}
