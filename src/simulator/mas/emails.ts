import type { MasUser } from './users.ts';

export type MasEmail = {
  readonly id: string;
  readonly createdAt: number;
  readonly userId: string;
  /** As it was given. */
  readonly email: string;
};

export type Emails = {
  all(): readonly MasEmail[];
  get(id: string): MasEmail | undefined;
  of(user: MasUser): readonly MasEmail[];
  /** In any case. */
  byAddress(address: string): readonly MasEmail[];
  add(user: MasUser, email: string): MasEmail;
  remove(id: string): void;
};

export function createEmails({ now, newId }: { now: () => number; newId: () => string }): Emails {
  const emails = new Map<string, MasEmail>();
  const all = (): readonly MasEmail[] => [...emails.values()];

  return {
    all,
    get: (id) => emails.get(id),
    of: (user) => all().filter(({ userId }) => userId === user.id),
    byAddress: (address) => all().filter(({ email }) => email.toLowerCase() === address.toLowerCase()),
    add(user, email) {
      const added = { id: newId(), createdAt: now(), userId: user.id, email };
      emails.set(added.id, added);
      return added;
    },
    remove: (id) => void emails.delete(id),
  };
}

/** About what MAS takes for an address (the crate `lettre`). */
export function isAddress(text: string): boolean {
  return /^[^\s@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?$/u.test(
    text,
  );
}
