import type { RoomAlias, RoomId, UserId } from './ids.ts';

/** `m.room.member` states (Matrix spec, room membership). No event at all is `undefined` in this port. */
export type Membership = 'join' | 'invite' | 'knock' | 'leave' | 'ban';

/** Where a person stands in one room, and who put her there: `leave` by another sender is a kick. */
export type MemberState = { readonly membership: Membership; readonly sender: UserId };

/** An identity at an SSO provider. `provider` is Synapse's id of it, e.g. `oidc-authentik`. */
export type ExternalId = { readonly provider: string; readonly id: string };

/** A third-party identifier of an account; `medium` is `email` or `msisdn`. */
export type Threepid = { readonly medium: string; readonly address: string };

export type Account = {
  readonly userId: UserId;
  readonly displayName: string | undefined;
  readonly externalIds: readonly ExternalId[];
  readonly threepids: readonly Threepid[];
  readonly admin: boolean;
  readonly appservice: boolean;
  readonly deactivated: boolean;
  readonly locked: boolean;
  readonly suspended: boolean;
  /** An `mxc://` URI. */
  readonly avatarUrl: string | undefined;
  /** Synapse has it, and the authentication service in front of Synapse does not: nobody can sign in to it. */
  readonly isStranded?: boolean;
  /** Nobody ever signed in to it, and nothing says whose it is: what is left of a creation that broke off. */
  readonly isUntouched?: boolean;
};

/** What a listing of all accounts tells about each; it calls those of appservices stranded, too. */
export type AccountSummary = Pick<
  Account,
  'userId' | 'displayName' | 'deactivated' | 'locked' | 'isStranded'
>;

/** A server admin, and what keeps her from being one. */
export type ServerAdmin = Pick<Account, 'userId' | 'deactivated' | 'locked'>;

export type NewAccount = {
  readonly displayName: string | undefined;
  readonly externalId: ExternalId | undefined;
  readonly email: string | undefined;
  /** There is one of that name that is stranded, and it is hers: she gets a way to sign in to it. */
  readonly adopts?: boolean;
};

/** Only the fields given change. Lists replace the whole list: read, merge, write. */
export type AccountUpdate = {
  readonly displayName?: string;
  readonly externalIds?: readonly ExternalId[];
  readonly threepids?: readonly Threepid[];
  /** An `mxc://` URI. */
  readonly avatarUrl?: string;
};

/**
 * What keeps a person from using her account. `deactivate` also ends sessions and takes rooms and e-mails; `erase`
 * does that too, and hides from newcomers to her rooms what she wrote: that does not come back.
 */
export type Restriction = 'suspend' | 'lock' | 'deactivate' | 'erase';

export type Image = { readonly bytes: Uint8Array; readonly contentType: string };

/** What the bot says in a room: the same in both. `html` is of `org.matrix.custom.html`. */
export type Notice = { readonly text: string; readonly html: string };

export type Identity = {
  readonly userId: UserId;
  readonly admin: boolean;
  readonly serverVersion: string;
  /** Of the authentication service in front of Synapse, if there is one. */
  readonly authVersion?: string;
};

/** What decides in a room who may do what (Matrix spec, `m.room.power_levels`). */
export type PowerLevels = {
  readonly users: ReadonlyMap<UserId, number>;
  readonly usersDefault: number;
  readonly invite: number;
  readonly kick: number;
  /** What it takes to change these levels. */
  readonly change: number;
};

/** Who may do what in a room, without its members. */
export type RoomPower = Pick<Room, 'roomId' | 'version' | 'creators' | 'powerLevels'>;

/** A room or a space to be made. The bot is its creator; local members come in by `join`. */
export type NewRoom = {
  readonly alias: RoomAlias;
  readonly name: string | undefined;
  readonly topic: string | undefined;
  readonly isSpace: boolean;
  /** Else it is found in the directory of rooms, and anybody may come in. */
  readonly isPrivate: boolean;
  readonly isEncrypted: boolean;
};

export type Room = {
  readonly roomId: RoomId;
  readonly name: string | undefined;
  readonly canonicalAlias: RoomAlias | undefined;
  readonly version: string;
  readonly isSpace: boolean;
  readonly joinRule: string;
  readonly isEncrypted: boolean;
  /** Who may read what was written before: `joined` and `invited` are only those who were there then. */
  readonly historyVisibility: string;
  /** From room version 12 on these stand above every power level; empty in older versions. */
  readonly creators: ReadonlySet<UserId>;
  readonly powerLevels: PowerLevels;
  readonly members: ReadonlyMap<UserId, MemberState>;
  /** The room that replaced this one, if it was upgraded. */
  readonly replacement: RoomId | undefined;
};

/** What a search among all rooms tells about each. */
export type RoomSummary = Pick<Room, 'roomId' | 'name' | 'canonicalAlias'>;

/** What becomes of accounts: of an authentication service in front of the homeserver, where there is one. */
export type AccountSide = Pick<
  Homeserver,
  | 'account'
  | 'accountByExternalId'
  | 'accountByEmail'
  | 'accounts'
  | 'createAccount'
  | 'updateAccount'
  | 'restrict'
  | 'unrestrict'
  | 'admins'
  | 'setAdmin'
  | 'isNameFree'
>;

/**
 * A homeserver in the words Usher needs. Every method rejects with `HomeserverError` and nothing else.
 * Changes are idempotent: what is already so succeeds. `undefined` means "certainly does not exist"; what
 * could not be read is an error, never an empty answer.
 */
export interface Homeserver {
  /** Whose token this is, whether it may administer, and which version answers. */
  identify(): Promise<Identity>;

  account(userId: UserId): Promise<Account | undefined>;
  accountByExternalId(externalId: ExternalId): Promise<UserId | undefined>;
  accountByEmail(address: string): Promise<UserId | undefined>;
  /** All local accounts but guests, page by page; deactivated, locked and appservice ones too. */
  accounts(): AsyncIterable<AccountSummary>;
  /** The caller has looked the localpart, the external id and the e-mail up before: Synapse does not refuse. */
  createAccount(userId: UserId, account: NewAccount): Promise<void>;
  updateAccount(userId: UserId, update: AccountUpdate): Promise<void>;
  restrict(userId: UserId, restriction: Restriction): Promise<void>;
  /** Takes back what `restrict` did; after `deactivate` the rooms and e-mails do not come back by this. */
  unrestrict(userId: UserId, restriction: Restriction): Promise<void>;

  /** All local accounts that are server admins: the bot, deactivated, locked and appservice ones too. */
  admins(): Promise<readonly ServerAdmin[]>;
  /** Makes a local account a server admin, or takes that right. The bot's own can't be taken. */
  setAdmin(userId: UserId, isAdmin: boolean): Promise<void>;

  /** Stores an image; resolves with its `mxc://` URI. */
  upload(image: Image): Promise<string>;
  /** Whether an account of that name may be made: false if there is one, or it is reserved for an appservice. */
  isNameFree(userId: UserId): Promise<boolean>;

  resolveAlias(alias: RoomAlias): Promise<RoomId | undefined>;
  /** The whole room. The bot need not be in it. */
  room(roomId: RoomId): Promise<Room | undefined>;
  /**
   * At most 20 rooms, those with most members first: all, or those with this in their name or the local part of their
   * canonical alias, in any case, or with this id. Other aliases of a room are not looked at.
   */
  findRooms(search: string): Promise<readonly RoomSummary[]>;
  /** Who is joined, remote members too; undefined if the homeserver does not know the room. */
  joinedMembers(roomId: RoomId): Promise<ReadonlySet<UserId> | undefined>;
  /** Who may do what there; undefined if the homeserver does not know the room. The bot need not be in it. */
  roomPower(roomId: RoomId): Promise<RoomPower | undefined>;
  /** The rooms that a space names as its own (`m.space.child` with a `via`), in its order. The bot need not be in it. */
  children(spaceId: RoomId): Promise<readonly RoomId[]>;
  /** The room that replaced this one. */
  replacement(roomId: RoomId): Promise<RoomId | undefined>;
  /** One person's state in one room. The bot need not be in it. */
  member(roomId: RoomId, userId: UserId): Promise<MemberState | undefined>;
  /** All rooms a local account has ever had to do with. */
  memberships(userId: UserId): Promise<ReadonlyMap<RoomId, Membership>>;

  /** Makes the account a member without asking it. Refused if the bot may not invite there: `takeRoom` first. */
  join(roomId: RoomId, userId: UserId): Promise<void>;
  /** Removes a member or takes an invitation back. Refused if the bot's power is not above the member's. */
  kick(roomId: RoomId, userId: UserId, reason: string): Promise<void>;
  /** Makes the bot a member of the room with the highest power a local member has. */
  takeRoom(roomId: RoomId): Promise<void>;
  /**
   * Sets the level of some members by one write, and leaves all else as it is at that moment; undefined takes a member's
   * own level away. Writes nothing if all is so already. One writer for one room at a time. Refused if the bot's power
   * is not enough: `takeRoom` first.
   */
  setPowerLevels(roomId: RoomId, levels: ReadonlyMap<UserId, number | undefined>): Promise<void>;
  /** Refused if the alias is taken: then there is such a room already. */
  createRoom(room: NewRoom): Promise<RoomId>;
  /** Makes a room one of a space, and says so in both. Refused if the bot may not: `takeRoom` first. */
  addChild(spaceId: RoomId, roomId: RoomId): Promise<void>;
  /**
   * Says something in a room, as `m.notice`, and calls on nobody. What was said with a transaction is not said again with
   * it. Refused if the bot is not in the room, or may not speak there: `takeRoom` first.
   */
  sendNotice(roomId: RoomId, notice: Notice, transaction: string): Promise<void>;
  /** Whether the homeserver says something to people in its own name, at our request: a setting of it. */
  hasServerNotices(): Promise<boolean>;
  /**
   * Says something to a local account, in a room of the homeserver's own that it invites her to. Said again, it is there
   * twice. Refused if the homeserver does not do that. Not refused if she is locked, suspended or deactivated.
   */
  sendServerNotice(userId: UserId, text: string): Promise<void>;
  /** Lifts the message limit of the bot, which counts kicks as messages (0.2 a second by default). */
  liftRateLimit(): Promise<void>;
}
