import type { Member } from '../directory/group.ts';
import type { ResourceId, SourceId } from '../directory/resource.ts';
import type { User } from '../directory/user.ts';
import type { HeldChange } from '../plan/holds.ts';
import type { JournalEntry, JournalQuery, WorkItem } from './store.ts';

/** Where a page begins: the `next` of the page before it, or nothing for the first one; and how much is wanted. */
export type PageQuery = { readonly cursor: string | undefined; readonly limit: number };

/**
 * A part of a list. It may have fewer items than were asked for, even none, though there is more: no page looks at more
 * than some thousands. `next` is undefined with the last one.
 */
export type Part<T> = { readonly items: readonly T[]; readonly next: string | undefined };

/** A cursor that no page gave. */
export class UnknownCursor extends Error {
  override readonly name = 'UnknownCursor';
}

export type PeopleQuery = PageQuery & {
  /** The beginning of a user name, display name, external id, e-mail or Matrix id (also without `@`), whatever the case. */
  readonly search: string | undefined;
  /** Only those at whom the last look failed. */
  readonly isFailing: boolean;
};

/** A group without its members. */
export type GroupSummary = {
  readonly id: ResourceId;
  readonly source: SourceId;
  readonly name: string;
  readonly externalId: string | undefined;
  /** Users, groups, and values that nobody has yet. */
  readonly members: number;
  readonly created: number;
  readonly lastModified: number;
};

/** `seq` counts the entries, and is never given twice. */
export type JournalRow = JournalEntry & { readonly seq: number };

export type JournalPageQuery = PageQuery &
  Pick<JournalQuery, 'account' | 'roomId' | 'action' | 'since'> & {
    readonly order: 'newest' | 'oldest';
  };

export type HeldQuery = PageQuery & Pick<HeldChange, 'scope' | 'verdict'>;

/**
 * Long lists for people who look, over all sources, a page at a time: each costs what the page costs, however long the list
 * is. Rejects with `UnknownCursor`.
 */
export interface PageStore {
  /** By user name within each source; those that a search finds in the order of what was found. */
  people(query: PeopleQuery): Promise<Part<User>>;
  /** Those of these users who are there. */
  users(ids: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, User>>;
  /** Those of these groups that are there, in the order of the ids. */
  groups(ids: readonly ResourceId[]): Promise<readonly GroupSummary[]>;
  /** Users first, then groups, then what is not known yet. */
  members(group: ResourceId, query: PageQuery): Promise<Part<Member>>;
  /** Active users who are in one of the groups, directly or through nested groups; in order of creation. */
  activeIn(groups: readonly ResourceId[], query: PageQuery): Promise<Part<User>>;
  /** All active users, in order of creation. */
  active(query: PageQuery): Promise<Part<User>>;
  /** Marked people at whom the last look failed, for this kind of reason if one is given. */
  failing(query: PageQuery & { readonly kind: string | undefined }): Promise<Part<WorkItem>>;
  /** What is held in a scope and has this verdict, by account. */
  held(query: HeldQuery): Promise<Part<HeldChange>>;
  journal(query: JournalPageQuery): Promise<Part<JournalRow>>;
  /** What was appended after an entry, the oldest first. */
  journalAfter(seq: number, limit: number): Promise<readonly JournalRow[]>;
  /** The number of the last entry; 0 if there is none. */
  lastJournalEntry(): Promise<number>;
}
