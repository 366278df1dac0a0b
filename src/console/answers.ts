/** What the API answers, as far as it is shown. Times are RFC 3339; what is not known is left out. */
export type Part<T> = { readonly items: readonly T[]; readonly next: string | null };

/** One part of the whole; with a remedy, it needs a person. */
export type StatusLine = {
  readonly subject: string;
  readonly found: string;
  readonly remedy?: string;
  readonly steps?: readonly Step[];
};

/** Something that a person can do: here, or by a command on the server. */
export type Step = { readonly kind: string; readonly command: string };

export type Status = {
  readonly isWell: boolean;
  readonly at: string;
  readonly parts: readonly StatusLine[];
  readonly toDo: readonly StatusLine[];
  readonly isDryRun: boolean;
  readonly sources: readonly { readonly users: number; readonly groups: number }[];
  readonly map: { readonly rooms: number };
  readonly work: { readonly total: number };
  readonly held: { readonly waiting: number };
};

export type PersonEntry = {
  readonly scimId: string;
  readonly userName: string;
  readonly displayName?: string;
  readonly source: string;
  readonly isActive: boolean;
  readonly account?: string;
  readonly state: string;
  readonly groups: number;
  readonly rooms: number;
  readonly lastError?: string;
};

export type Person = {
  readonly scimId: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly externalId?: string;
  readonly source?: string;
  readonly status: 'active' | 'inactive' | 'deleted';
  readonly account?: string;
  readonly isLinked: boolean;
  readonly restriction?: string;
  readonly isAdmin: boolean;
  readonly waiting?: { readonly lastError?: { readonly kind: string; readonly message: string } };
  readonly homeserver: { readonly answers: boolean; readonly reason?: string };
};

export type Next = { readonly kind: string; readonly text: string; readonly steps?: readonly Step[] };

export type RoomOfPerson = {
  readonly answer: string;
  readonly room: { readonly target: string; readonly roomId?: string; readonly isMapped: boolean };
  readonly isIn: boolean;
  readonly through: readonly {
    readonly id: string;
    readonly name: string;
    readonly chain: readonly string[];
  }[];
  readonly everybody: boolean;
  readonly others: readonly { readonly key: string; readonly name?: string }[];
  readonly terms?: { readonly mode: string; readonly leave: string; readonly powerLevel?: number };
  readonly membership?: string;
  readonly record?: { readonly state: string; readonly since: string };
  readonly history: readonly JournalEntry[];
  readonly holds: readonly { readonly digest: string; readonly reason: string }[];
  readonly next: Next;
};

export type PersonDetail = {
  readonly answer: string;
  readonly person: Person;
  readonly rooms: readonly RoomOfPerson[];
  readonly groups: readonly { readonly id: string; readonly name: string; readonly isDirect: boolean }[];
};

export type Explanation = RoomOfPerson & { readonly person: Person };

export type JournalEntry = {
  readonly seq?: number;
  readonly at: string;
  readonly action: string;
  readonly outcome: 'done' | 'failed' | 'found';
  readonly account?: string;
  readonly roomId?: string;
  /** As the map calls it. */
  readonly room?: string;
  readonly userId?: string;
  readonly detail: string;
  readonly cause?: string;
};

export type GroupEntry = {
  readonly id: string;
  readonly source: string;
  readonly name: string;
  readonly externalId?: string;
  readonly members: number;
  readonly rooms: readonly string[];
  /** Whether its members are server admins. */
  readonly makesAdmins: boolean;
};

export type GroupDetail = Omit<GroupEntry, 'rooms'> & {
  readonly created: string;
  readonly lastModified: string;
  readonly rooms: readonly {
    readonly target: string;
    readonly roomId?: string;
    readonly key: string;
    readonly mode: string;
    readonly leave: string;
    readonly powerLevel?: number;
    readonly space?: string;
  }[];
  readonly page: Part<GroupMember>;
};

export type GroupMember = {
  readonly id: string;
  readonly type: 'User' | 'Group' | 'unknown';
  readonly name?: string;
  readonly displayName?: string;
  readonly isActive?: boolean;
  readonly account?: string;
};

export type RoomEntry = {
  readonly target: string;
  readonly roomId?: string;
  readonly spaces: readonly string[];
  readonly mode: string;
  readonly leave: string;
  readonly powerLevel?: number;
  readonly joined: number;
  readonly groups: readonly { readonly key: string; readonly name?: string }[];
  readonly problems: readonly string[];
};

export type RoomDetail = RoomEntry & { readonly now: RoomNow };

type RoomNow =
  | {
      readonly answers: true;
      readonly room?: {
        readonly name?: string;
        readonly joinRule: string;
        readonly isEncrypted: boolean;
        readonly joined: number;
        readonly botPower?: number | 'creator';
      };
      readonly problems: readonly {
        readonly level: 'warning' | 'failure';
        readonly subject: string;
        readonly found: string;
        readonly meaning: string;
        readonly remedy: string;
      }[];
    }
  | { readonly answers: false; readonly reason: string };

export type Entitled = {
  readonly scimId: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly account?: string;
  readonly through: readonly string[];
  readonly record?: string;
  readonly membership?: string;
};

export type Occupant = {
  readonly account: string;
  readonly scimId?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly record?: string;
  readonly isEntitled: boolean;
  readonly isBot: boolean;
  readonly isRemote: boolean;
  readonly power: number | 'creator';
};

export type HoldEntry = {
  readonly digest: string;
  readonly scope: string;
  readonly reason: string;
  readonly since: string;
  /** Rejected, and still wanted: it can still be approved. */
  readonly verdict?: 'rejected';
  readonly count: number;
  /** How many of what, in words. */
  readonly numbers: string;
  /** The first of them. */
  readonly changes: readonly HeldEntry[];
};

/** Something that would be taken away. */
export type HeldEntry = {
  readonly kind: string;
  readonly account: string;
  readonly userId?: string;
  readonly roomId?: string;
  /** As the map calls it. */
  readonly room?: string;
  readonly detail: string;
  readonly cause?: string;
};

export type Holds = {
  /** How many holds wait for a decision. */
  readonly waiting: number;
  readonly holds: readonly HoldEntry[];
  readonly next: string | null;
};

export type Decided = { readonly wasDecided: boolean; readonly numbers?: string; readonly people: number };

export type Conflict = {
  readonly scimId: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly account?: string;
  /** Whether the account is recorded to be hers. */
  readonly isLinked: boolean;
  readonly code?: string;
  readonly message: string;
  readonly waysOut: readonly (Partial<Step> & { readonly text: string })[];
};

/** Rooms of the homeserver; `alias` is the canonical one. */
export type FoundRooms = {
  readonly rooms: readonly { readonly roomId: string; readonly alias?: string; readonly name?: string }[];
};

type Placed = { readonly line: number; readonly column: number; readonly message: string };

export type MapCheck = {
  readonly problems: readonly Placed[];
  readonly warnings: readonly Placed[];
  readonly notes: readonly string[];
};

/** `fixedBy` says why it can't be saved from here. */
export type MapText = MapCheck & {
  readonly text: string;
  readonly version: string;
  readonly fixedBy: string | null;
};

export type MapPlan = {
  readonly joins: number;
  readonly kicks: number;
  readonly others: number;
  readonly rooms: readonly {
    readonly roomId: string;
    readonly name: string;
    readonly joins: number;
    readonly kicks: number;
    readonly levels: number;
    readonly changes: readonly string[];
    /** How many of them are not told. */
    readonly more: number;
  }[];
  readonly accounts: readonly string[];
  readonly moreAccounts: number;
  readonly toMake: readonly string[];
  readonly held: readonly string[];
  readonly toKnow: readonly string[];
  readonly problems: readonly string[];
};

export type MapEditions = {
  readonly editions: readonly {
    readonly id: number;
    readonly at: string;
    readonly who: string;
    readonly added: number;
    readonly removed: number;
  }[];
};

export type MapEdition = {
  readonly id: number;
  readonly at: string;
  readonly who: string;
  readonly text: string;
};

export type Unlinked = {
  readonly account: string;
  /** What stays on the account, and what to do about it. */
  readonly left: readonly string[];
};
