import type { Account } from '../matrix/homeserver.ts';
import { type UserId, userId as userIdOf } from '../matrix/ids.ts';
import type { JsonObject } from './api-request.ts';
import { Refusal } from './refusal.ts';
import { type Requester, required, type Sessions, unknownToken } from './sessions.ts';

/** What is known of a token (RFC 7662). `expiresAt` is in milliseconds since 1970; undefined is never. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly username: string | undefined;
      readonly scope: ReadonlySet<string>;
      readonly expiresAt: number | undefined;
    };

/** Who signs people in in place of Synapse: what Synapse asks of it. Each call throws while it is down, but `logIn`. */
export type AuthService = {
  metadata(): JsonObject;
  introspect(token: string): Introspection;
  /** A token that a person got by signing in with a client. */
  logIn(userId: UserId): string;
  /** Gives it the time to do what it put off. */
  catchUp(): void;
};

/** The devices that Synapse keeps of each account. */
export type Devices = {
  add(userId: UserId, device: string): void;
  /** Others end. */
  set(userId: UserId, devices: ReadonlySet<string>): void;
  has(userId: UserId, device: string): boolean;
};

type Deps = {
  readonly service: AuthService;
  readonly serverName: string;
  readonly now: () => number;
  readonly devices: Devices;
  accountOf(userId: UserId): Account | undefined;
};

/** How long Synapse believes what it was told of a token, good or bad. */
const REMEMBERED_MS = 2 * 60_000;

const ADMIN = 'urn:synapse:admin:*';
const MATRIX_API = ['urn:matrix:client:api:*', 'urn:matrix:org.matrix.msc2967.client:api:*'];
const DEVICE = /^urn:matrix:(?:org\.matrix\.msc2967\.)?client:device:(.+)$/;

/** Sessions of a Synapse with `matrix_authentication_service` (its `api/auth/mas.py`): each token is looked up there. */
export function createDelegatedSessions({ service, serverName, now, devices, accountOf }: Deps): Sessions {
  const remembered = new Map<string, { readonly answer: Introspection; readonly until: number }>();

  function introspect(token: string): Introspection {
    const known = remembered.get(token);
    if (known !== undefined && now() < known.until) return known.answer;
    const answer = introspectNow(token);
    remembered.set(token, { answer, until: now() + REMEMBERED_MS });
    return answer;
  }

  function introspectNow(token: string): Introspection {
    try {
      return service.introspect(token);
    } catch {
      throw new Refusal(503, 'M_UNKNOWN', 'Unable to introspect the access token');
    }
  }

  /** Neither locked nor deactivated accounts are refused: that is left to who says whether a token is active. */
  function requester(sent: string | undefined): Requester {
    const token = required(sent);
    const answer = introspect(token);
    const expired = answer.active && answer.expiresAt !== undefined && now() >= answer.expiresAt;
    if (!answer.active || expired) throw unknownToken('Token is not active');
    if (!MATRIX_API.some((scope) => answer.scope.has(scope))) {
      throw unknownToken("Token doesn't grant access to the Matrix C-S API");
    }
    if (answer.username === undefined) {
      throw new Refusal(500, 'M_FORBIDDEN', 'Invalid username claim in the introspection result');
    }
    const userId = userIdOf(answer.username, serverName);
    if (accountOf(userId) === undefined) throw new Refusal(500, 'M_FORBIDDEN', 'User not found');
    const device = deviceIn(answer.scope);
    if (device !== undefined && !devices.has(userId, device)) {
      remembered.delete(token);
      throw unknownToken('Token is not active');
    }
    return { userId, isAdmin: answer.scope.has(ADMIN), hasDevice: device !== undefined };
  }

  return {
    logIn: (userId) => service.logIn(userId),
    logOut: (userId) => devices.set(userId, new Set()),
    requester,
  };
}

/** The device that a token with this scope speaks for; undefined if it has none. */
export function deviceIn(scope: Iterable<string>): string | undefined {
  for (const token of scope) {
    const [, device] = DEVICE.exec(token) ?? [];
    if (device !== undefined) return device;
  }
  return undefined;
}

export function createDevices(): Devices {
  const known = new Map<UserId, ReadonlySet<string>>();
  const of = (userId: UserId): ReadonlySet<string> => known.get(userId) ?? new Set();
  return {
    add: (userId, device) => void known.set(userId, of(userId).union(new Set([device]))),
    set: (userId, devices) => void known.set(userId, devices),
    has: (userId, device) => of(userId).has(device),
  };
}
