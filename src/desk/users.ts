import type { ResourceId, SourceId } from '../directory/resource.ts';
import { type Profile, profileOf, type User } from '../directory/user.ts';
import type { UserId } from '../matrix/ids.ts';
import type { AccountReport, Store } from '../store/store.ts';

/** A user in a list of many. */
export type UserFacts = {
  readonly scimId: ResourceId;
  readonly userName: string;
  readonly displayName: string | undefined;
  readonly source: SourceId;
  readonly isActive: boolean;
  readonly account: UserId | undefined;
  /** Of the account, as recorded. */
  readonly state: string;
  readonly groups: number;
  /** Rooms that she is recorded to be in. */
  readonly rooms: number;
  readonly lastError: string | undefined;
};

type Candidate = Profile & { readonly account: UserId | undefined; readonly lastError: string | undefined };

/** Whether a part of what she is called by is the pattern, whatever the case of its letters. */
export function matches(user: Candidate, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  const wanted = pattern.toLowerCase();
  const texts = [user.userName, user.displayName, user.email, user.externalId, user.account];
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}

/** What is known of these users, in their order; of those only who are wanted. */
export async function readUsers(
  store: Store,
  users: readonly User[],
  isWanted: (user: Candidate) => boolean,
): Promise<readonly UserFacts[]> {
  const reports = await store.people.reports(users.map(({ id }) => id));
  const wanted = users.flatMap((user) => {
    const report = reports.get(user.id);
    const profile = profileOf(user.attributes);
    const candidate = { ...profile, account: report?.account, lastError: report?.lastError };
    return report !== undefined && isWanted(candidate) ? [{ user, report, profile }] : [];
  });
  const groups = await store.groups.ofUsers(wanted.map(({ user }) => user.id));
  return wanted.map(({ user, report, profile }) => ({
    scimId: user.id,
    userName: profile.userName,
    displayName: profile.displayName,
    source: user.source,
    isActive: profile.active,
    account: report.account,
    state: stateOf(report),
    groups: groups.get(user.id)?.length ?? 0,
    rooms: report.rooms.filter(({ state }) => state === 'joined').length,
    lastError: report.lastError,
  }));
}

function stateOf({ account, isConfirmed, restriction }: AccountReport): string {
  if (account === undefined) return 'none';
  if (!isConfirmed) return 'pending';
  return restriction === undefined ? 'active' : STATES[restriction];
}

const STATES = { lock: 'locked', suspend: 'suspended', deactivate: 'deactivated', erase: 'erased' } as const;
