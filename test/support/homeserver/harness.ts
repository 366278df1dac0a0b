import type { Homeserver, Image } from '../../../src/matrix/homeserver.ts';
import type { RoomId, UserId } from '../../../src/matrix/ids.ts';

export type NewRoom = {
  readonly name?: string;
  /** The local part of an alias. */
  readonly alias?: string;
  /** Without one the room is entered by invitation. */
  readonly joinRule?: 'invite' | 'public' | 'knock' | 'restricted';
  /** Without one the homeserver chooses: 12. */
  readonly version?: string;
  readonly isSpace?: boolean;
};

/** An `m.room.message` event. */
export type Said = { readonly sender: UserId; readonly content: Readonly<Record<string, unknown>> };

/** An account that acts with its own token, as a person does with her client. Refusals reject. */
export type ActingUser = {
  readonly userId: UserId;
  readonly token: string;
  createRoom(room?: NewRoom): Promise<RoomId>;
  join(room: RoomId): Promise<void>;
  knock(room: RoomId): Promise<void>;
  leave(room: RoomId): Promise<void>;
  invite(room: RoomId, user: UserId): Promise<void>;
  kick(room: RoomId, user: UserId): Promise<void>;
  ban(room: RoomId, user: UserId): Promise<void>;
  unban(room: RoomId, user: UserId): Promise<void>;
  /** Changes one user's level and nothing else. */
  setPower(room: RoomId, user: UserId, level: number): Promise<void>;
  /** Replaces the whole content of `m.room.power_levels`. */
  setPowerLevels(room: RoomId, content: object): Promise<void>;
  upgradeRoom(room: RoomId, version: string): Promise<RoomId>;
  setState(room: RoomId, type: string, stateKey: string, content: object): Promise<void>;
  /** Puts a room into a space, or takes it out. */
  setChild(space: RoomId, room: RoomId, isChild: boolean): Promise<void>;
  setDisplayName(name: string): Promise<void>;
  /** What was said in a room that she is in, oldest first. */
  messages(room: RoomId): Promise<readonly Said[]>;
  say(room: RoomId, text: string): Promise<void>;
  /** An empty URI takes the avatar away. */
  setAvatar(mxc: string): Promise<void>;
  /** Ends all of her sessions, this one too. */
  logOut(): Promise<void>;
};

export type RawAnswer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** One HTTP request. Without a token it is the bot's; with an empty one there is none. */
export type RawRequest = (method: string, path: string, body?: object, token?: string) => Promise<RawAnswer>;

/** A homeserver, simulated or real, with a bot that is a server admin with the default rate limits. */
export type HomeserverUnderTest = {
  readonly url: string;
  readonly serverName: string;
  readonly bot: UserId;
  readonly adminToken: string;
  /** Another provider that people sign in by; left out: any name will do. */
  readonly otherProvider?: string;
  /** How Usher gets in; left out: by `adminToken`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The port, with the bot's token. */
  readonly homeserver: Homeserver;
  /** An ordinary account with no rate limits; one that exists already is logged in to. */
  person(localpart: string): Promise<ActingUser>;
  /** A server admin beside the bot. */
  admin(localpart: string): Promise<ActingUser>;
  /** An account that belongs to an appservice. */
  appserviceUser(localpart: string): Promise<UserId>;
  /** A token of an account that exists. */
  logIn(user: UserId): Promise<string>;
  request: RawRequest;
  /** What an `mxc://` URI of this homeserver stands for. */
  download(mxc: string): Promise<Image>;
  /** An outage: what is stored stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};
