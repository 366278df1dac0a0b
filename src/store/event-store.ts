/** A change that is to be told. Times are milliseconds since 1970. */
export type StoredEvent = {
  /** Grows by one with each event. */
  readonly seq: number;
  /** The same whenever it is sent. */
  readonly id: string;
  readonly at: number;
  /** What it is about: `/Users/…`, `/Groups/…`, a Matrix id or a room id. Its events are told in order. */
  readonly resource: string;
  readonly externalId: string | undefined;
} & (DirectoryEvent | HomeserverEvent);

type DirectoryEvent = {
  readonly operation: 'create' | 'put' | 'delete';
  readonly payload: {
    /** Names of what changed; none with `delete`. */
    readonly attributes?: readonly string[];
    /** The number of the change, as in entity tags. */
    readonly version?: number;
    /** Whether a user became active, or inactive, by it. */
    readonly active?: boolean;
  };
};

type HomeserverEvent = {
  readonly operation: 'change';
  readonly payload: {
    /** A kind of change, such as `join`. */
    readonly kind: string;
    readonly account?: string;
    readonly room?: string;
    /** The SCIM id of whom it is about. */
    readonly user?: string;
  };
};

/** `oldestAt` is undefined if nothing waits. */
export type EventBacklog = { readonly waiting: number; readonly oldestAt: number | undefined };

/** Events that wait to be told. */
export interface EventStore {
  /**
   * From now on, what this process changes is written down in the same transaction: every change of users and groups, and
   * what the journal says was done on the homeserver, of these kinds.
   */
  record(kinds: readonly string[], now: () => number): void;
  /** The oldest first, without those of some resources. */
  next(limit: number, except?: readonly string[]): Promise<readonly StoredEvent[]>;
  /** How many wait to be told, and when the oldest of them happened. Costs what waits, a few milliseconds at most. */
  backlog(): Promise<EventBacklog>;
  /** They were taken. */
  remove(seqs: readonly number[]): Promise<void>;
  /** Drops what is older than `before`, and the oldest of more than `most`; resolves with how many. */
  trim(before: number, most: number): Promise<number>;
  /** Forgets all of them. */
  clear(): Promise<void>;
}
