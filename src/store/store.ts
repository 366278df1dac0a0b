import type { Group, GroupChange, GroupNames, Member, Membership } from '../directory/group.ts';
import type { Attributes, Resource, ResourceId, SourceId } from '../directory/resource.ts';
import type { User } from '../directory/user.ts';
import type { Restriction } from '../matrix/homeserver.ts';
import type { RoomId, UserId } from '../matrix/ids.ts';
import type { AccountExpectation } from '../plan/census.ts';
import type { RoomRecord } from '../plan/rooms.ts';
import type { EventStore } from './event-store.ts';
import type { FactStore, GuardStore } from './guard-store.ts';
import type { MapStore } from './map-store.ts';
import type { PageStore } from './page-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SurveyStore, UserNumber } from './survey-store.ts';
import type { TokenStore } from './token-store.ts';
import type { WordStore } from './word-store.ts';

/**
 * The port to durable state. Methods take values and pure functions, never an open transaction; each is one
 * transaction, and what it resolves with is on disk. Times are milliseconds since 1970, given by the caller.
 */
export interface Store {
  readonly users: ResourceStore<User, Attributes, Attributes>;
  readonly groups: GroupStore;
  readonly people: PeopleStore;
  readonly rooms: RoomStore;
  readonly survey: SurveyStore;
  readonly work: WorkStore;
  readonly journal: Journal;
  readonly guard: GuardStore;
  readonly facts: FactStore;
  readonly tokens: TokenStore;
  readonly sessions: SessionStore;
  readonly maps: MapStore;
  readonly events: EventStore;
  readonly words: WordStore;
  readonly overview: Overview;
  readonly pages: PageStore;
  /** Whether another connection, of a command beside the service, changed it since the last call (or the opening). */
  changedElsewhere(): Promise<boolean>;
  /**
   * Writes a backup of this moment into the folder of the backups, where none makes room for it yet. The reason goes into
   * its name: `before-approve`. Rejects with `BackupFailed`; then there is none.
   */
  backup(reason: string): Promise<MadeBackup>;
  /**
   * Tells whether this is the database that was sealed last in its folder, and seals it: at start, and after each full
   * pass. What is found is told to `react` first: if that rejects, or we are killed in it, nothing was sealed.
   */
  seal(now: number, react?: (finding: SealFinding) => Promise<void>): Promise<SealFinding>;
  /** Rejects if the database can't be read and written. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** A backup that was made before something is done. */
export type MadeBackup = {
  readonly path: string;
  /** It was done: the oldest of too many backups go. */
  keep(): void;
  /** It was not done: this one goes. */
  discard(): void;
};

/**
 * What a folder knew about its database: nothing (`fresh`), that this is it (`same`), that it was further once (`older`:
 * an old copy), or that it was another one (`other`).
 */
export type SealFinding = 'fresh' | 'same' | 'older' | 'other';

/** Equality tests that an index answers; all must hold. Names and addresses ignore case. */
export type IndexedFilter = {
  readonly id?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly externalId?: string;
  /** Users only: has this address among the e-mails. */
  readonly email?: string;
  /** Users only: is in this group, directly or through groups inside it. */
  readonly group?: string;
  /** Groups only: has this member, directly. */
  readonly member?: string;
};

/** `name` is a user's `userName`, a group's `displayName`; folded, by code point. */
export type ListOrder = { readonly by: 'creation' | 'name'; readonly isDescending: boolean };

export type ScanQuery = { readonly where: IndexedFilter; readonly order: ListOrder };

/** A page of a listing; `startIndex` counts from 1. */
export type ListQuery = ScanQuery & { readonly startIndex: number; readonly count: number };

/** `totalResults` counts all that the filter selects. */
export type Page<R extends Resource> = { readonly totalResults: number; readonly resources: readonly R[] };

/**
 * Resources of one kind. `create` and `update` reject with `DirectoryConflict`, `update` and `remove` with
 * `NotFound`. An update that changes nothing leaves `version` as it is; `lastModified` is that of the last write. Each write marks
 * as work the people whose rooms it may change. A write is seen by others whole or not at all, also a large one,
 * which lets others have their turn meanwhile.
 */
export interface ResourceStore<R extends Resource, New, Change> {
  /** `id` is given if others refer to it already; else it is a new one. `cause` is as in `WorkItem`. */
  create(source: SourceId, resource: New, now: number, id?: ResourceId, cause?: string): Promise<R>;
  get(source: SourceId, id: string): Promise<R | undefined>;
  /** Costs what the page costs, however many there are. */
  list(source: SourceId, query: ListQuery): Promise<Page<R>>;
  /** All of them, some at a time; others have their turn in between. */
  scan(source: SourceId, query: ScanQuery): AsyncIterable<readonly R[]>;
  /** `change` is pure; what it throws rejects the update, and nothing is written. */
  update(
    source: SourceId,
    id: string,
    change: (current: R) => Change,
    now: number,
    cause?: string,
  ): Promise<R>;
  /** `allow` is pure; if it throws, nothing is removed. */
  remove(
    source: SourceId,
    id: string,
    now: number,
    allow?: (current: R) => void,
    cause?: string,
  ): Promise<void>;
}

export type NewGroup = { readonly attributes: Attributes; readonly members: readonly string[] };

export interface GroupStore extends ResourceStore<Group, NewGroup, GroupChange> {
  /** The members as they are when it begins, some at a time: users first, each kind in order of creation. */
  members(group: ResourceId): AsyncIterable<readonly Member[]>;
  /** Whether a group has more than `limit` members; costs O(limit), whatever the size of the group. */
  isLargerThan(group: ResourceId, limit: number): Promise<boolean>;
  /** For each of these users the groups she is in, in order of creation. */
  ofUsers(users: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, readonly Membership[]>>;
  /** Every group of every source: what the group map is matched against. */
  names(): Promise<readonly GroupNames[]>;
}

/** The Matrix account that a user was given. Kept after the user is deleted, so that it can be given back. */
export type AccountLink = {
  readonly userId: ResourceId;
  readonly account: UserId;
  /** The external id and the e-mail that we put on the account: what we may replace or take away. */
  readonly externalId: string | undefined;
  readonly email: string | undefined;
  /** What we did to the account, to be undone when she comes back. */
  readonly restriction: Restriction | undefined;
  /** False while the account is being made, and the homeserver has not said that it was. */
  readonly isConfirmed: boolean;
  /** When nobody was found to use it any more: deactivated or deleted. */
  readonly inactiveSince: number | undefined;
  /**
   * The photo that we made her avatar of or could not, by its mark (`plan/photo.ts`), and the `mxc://` URI of the
   * avatar; two with a blank between while one takes the place of the other.
   */
  readonly photo: string | undefined;
  readonly avatar: string | undefined;
  /** Whether it is we who made the account a server admin, or are about to: only then that right is ours to take. */
  readonly isAdmin: boolean;
};

/** That a person is to be in a room, and what became of it. */
export type Entitlement = RoomRecord & {
  readonly account: UserId;
  readonly roomId: RoomId;
  /** When it was first given. */
  readonly since: number;
};

/** `number` is undefined once she is deleted. */
export type RosterEntry = AccountExpectation & {
  readonly userId: ResourceId;
  readonly account: UserId;
  readonly number: UserNumber | undefined;
  /** As in `AccountLink`. */
  readonly isAdmin: boolean;
};

/** A user with the groups she is in, directly or through nested groups. */
export type Person = {
  readonly user: User;
  readonly groups: ReadonlySet<ResourceId>;
};

/** What became of a user on the homeserver, as far as we wrote it down. */
export type AccountReport = {
  readonly account: UserId | undefined;
  readonly isConfirmed: boolean;
  readonly restriction: Restriction | undefined;
  readonly rooms: readonly Pick<Entitlement, 'roomId' | 'state' | 'since'>[];
  /** Why the last look at her failed, if it did. */
  readonly lastError: string | undefined;
};

export interface PeopleStore {
  /** For each of the users what became of her. */
  reports(users: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, AccountReport>>;
  /** The user, whatever her source, with her groups; undefined once she is deleted. */
  person(userId: ResourceId): Promise<Person | undefined>;
  link(userId: ResourceId): Promise<AccountLink | undefined>;
  /** All users that share an account (deleted ones too), oldest first. */
  linksOf(account: UserId): Promise<readonly AccountLink[]>;
  saveLink(link: AccountLink): Promise<void>;
  removeLink(userId: ResourceId): Promise<void>;
  /** Everybody who has an account, deleted users too, some at a time; with the display name that the account is to have. */
  roster(): AsyncIterable<readonly RosterEntry[]>;
  /** Active users who are, directly or through nested groups, in one of the groups; with the groups of each. */
  membersOf(groups: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, readonly ResourceId[]>>;
  /** The accounts of these users; those who have none are left out. */
  accountsOf(users: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, UserId>>;
  /** Active users of any source who have this external id and no account yet. */
  comingFor(externalId: string): Promise<readonly Person[]>;
  hasActive(): Promise<boolean>;
  /** How many accounts that somebody has are not restricted. */
  countAccounts(): Promise<number>;
  /** How many accounts we made server admins. */
  countAdmins(): Promise<number>;
  entitlements(account: UserId): Promise<readonly Entitlement[]>;
  /** Writes it, or changes all but the `since` of the one that is there. */
  saveEntitlement(entitlement: Entitlement): Promise<void>;
  endEntitlement(account: UserId, roomId: RoomId): Promise<void>;
}

export interface RoomStore {
  /** The room that a target of the group map (alias or id) was last known to mean. */
  resolutions(): Promise<ReadonlyMap<string, RoomId>>;
  saveResolutions(resolved: ReadonlyMap<string, RoomId>, now: number): Promise<void>;
  /** The rooms of a space as last read, in that order; undefined if it never was. */
  children(space: RoomId): Promise<readonly RoomId[] | undefined>;
  saveChildren(space: RoomId, children: readonly RoomId[]): Promise<void>;
  /** The rooms that we made, by target of the group map; undefined while one is being made. */
  created(): Promise<ReadonlyMap<string, RoomId | undefined>>;
  saveCreated(target: string, roomId: RoomId | undefined, now: number): Promise<void>;
  /** It was certainly not made. */
  forgetCreated(target: string): Promise<void>;
  /** The power levels that we gave in a room; two while it is not known which of them the account has. */
  levels(roomId: RoomId): Promise<ReadonlyMap<UserId, readonly number[]>>;
  /** Rooms in which we gave somebody a level. */
  withLevels(): Promise<readonly RoomId[]>;
  /** Writes all at once; no level forgets an account. */
  saveLevels(roomId: RoomId, levels: ReadonlyMap<UserId, readonly number[]>): Promise<void>;
  /** How many are recorded to be entitled and in: of the room, or the sum of all rooms. Costs little. */
  countJoined(roomId?: RoomId): Promise<number>;
  /** Rooms that somebody is recorded to be entitled to. */
  entitled(): Promise<readonly RoomId[]>;
  entitlements(roomId: RoomId): Promise<readonly Entitlement[]>;
}

/** Takes away before it gives; what touches few goes before what touches many. */
export type Urgency = 'removal' | 'small' | 'bulk';

/** A mark that says: look at this person. */
export type WorkItem = {
  readonly userId: ResourceId;
  readonly urgency: Urgency;
  /** Counts the marks: an item is done only if it was not marked again meanwhile. */
  readonly generation: number;
  readonly attempts: number;
  readonly lastError: WorkError | undefined;
  /** What marked her last: a request of the provider, or what a full pass found; for people to read. */
  readonly cause: string | undefined;
};

export type WorkError = { readonly kind: string; readonly message: string };

/** Hints about whom to look at. If every row is lost, the next full pass still makes the world right. */
export interface WorkStore {
  /** Marks whoever is not marked yet: what waits goes on waiting, as urgent as the more urgent of both. */
  remind(people: readonly ResourceId[], urgency: Urgency, now: number, cause?: string): Promise<void>;
  /** A new mark makes an item due at once, and keeps the more urgent of both; of the causes, the newest given. */
  mark(people: readonly ResourceId[], urgency: Urgency, now: number, cause?: string): Promise<void>;
  /** The next due item that is not among `except`: the most urgent first, then by `order` of marking. */
  next(query: {
    readonly now: number;
    readonly order: 'newest' | 'oldest';
    readonly urgencies: readonly Urgency[];
    readonly except: readonly ResourceId[];
  }): Promise<WorkItem | undefined>;
  /** Whether the item was not marked again since it was taken. */
  isCurrent(item: WorkItem): Promise<boolean>;
  /** Forgets the item, unless it was marked again since it was taken. */
  done(item: WorkItem): Promise<void>;
  /** Keeps the item for later, unless it was marked again since it was taken. */
  postpone(item: WorkItem, until: number, error: WorkError): Promise<void>;
  /** Why the last look failed does not hold any more, if it was for this kind of reason; what holds, the next look finds. */
  forgetError(userId: ResourceId, kind: string): Promise<void>;
  /** When the next item is due of those that were not yet; undefined if there is none. */
  nextDue(after: number): Promise<number | undefined>;
  /** What waits for a time that lies further ahead than anything waits is due now: the clock was set back. */
  mendTimes(now: number): Promise<void>;
  summary(now: number): Promise<WorkSummary>;
  /** Items that failed at least once, the most recently marked first. */
  failing(limit: number): Promise<readonly WorkItem[]>;
  /** How often people were marked since the store was opened: another number means that something changed. */
  markings(): number;
  /** Everybody who is marked; or with this urgency only. */
  all(urgency?: Urgency): Promise<readonly ResourceId[]>;
}

export type WorkSummary = {
  readonly total: number;
  readonly due: number;
  readonly failing: number;
  /** Milliseconds since the oldest due item was marked; 0 if none is due. */
  readonly lagMs: number;
};

/** What was done on the homeserver, or found there, and why. Append only. */
export type JournalEntry = {
  readonly at: number;
  readonly action: string;
  readonly outcome: 'done' | 'failed' | 'found';
  readonly account: UserId | undefined;
  readonly roomId: RoomId | undefined;
  readonly userId: ResourceId | undefined;
  readonly detail: string;
  /** As in `WorkItem`. */
  readonly cause: string | undefined;
};

/** What is given must all hold. */
export type JournalQuery = {
  readonly account?: UserId;
  readonly roomId?: RoomId;
  readonly action?: string;
  readonly outcome?: JournalEntry['outcome'];
  /** Not older than this. */
  readonly since?: number;
  readonly limit: number;
};

/** How often something was done, refused or found. */
export type JournalCount = Pick<JournalEntry, 'action' | 'outcome'> & { readonly count: number };

export interface Journal {
  append(entry: JournalEntry): Promise<void>;
  /** Appends it unless it says what the last entry of this person, room and action said; tells whether it did. */
  appendNews(entry: JournalEntry): Promise<boolean>;
  /** Newest first. */
  find(query: JournalQuery): Promise<readonly JournalEntry[]>;
  /** What there is from `since` on and before `until`, the most frequent first. */
  counts(since: number, until: number): Promise<readonly JournalCount[]>;
  /** Forgets what is older. */
  prune(before: number): Promise<void>;
}

/** How much one source pushed. */
export type SourceSummary = { readonly source: SourceId; readonly users: number; readonly groups: number };

/** How a person waits for a look. */
export type Waiting = Pick<WorkItem, 'urgency' | 'attempts' | 'lastError' | 'cause'> & {
  /** When she was first marked. */
  readonly since: number;
  readonly dueAt: number;
};

/** What only people ask, by the commands that look. */
export interface Overview {
  /** The version of the database's schema. */
  schema(): Promise<number>;
  sources(): Promise<readonly SourceSummary[]>;
  /** What is broken in the file, which is read to its end; undefined if nothing is. May reject, if much is broken. */
  damage(): Promise<string | undefined>;
  /** When a source last wrote something that is still there. */
  lastModified(source: SourceId): Promise<number | undefined>;
  /** How many people are marked. */
  marked(): Promise<Readonly<Record<Urgency, number>>>;
  /** Undefined if she is not marked. */
  waiting(userId: ResourceId): Promise<Waiting | undefined>;
}
