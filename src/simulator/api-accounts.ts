import type { Account } from '../matrix/homeserver.ts';
import { serverNameOf, userId } from '../matrix/ids.ts';
import {
  type Call,
  type Handlers,
  type JsonObject,
  objects,
  ok,
  optionalFlag,
  optionalText,
  param,
  text,
  userIdIn,
} from './api-request.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';
import type { World } from './world.ts';

const V1 = '/_synapse/admin/v1';
const V2 = '/_synapse/admin/v2';

/** Synapse's admin API for users. */
export function accountHandlers(world: World): Handlers {
  const { accounts } = world;

  function existing(call: Call): Account {
    const id = userIdIn(param(call, 'userId'), 'userId');
    if (serverNameOf(id) !== world.serverName) throw badRequest('Can only look up local users');
    const account = accounts.get(id);
    if (account === undefined) throw notFound('User not found');
    return account;
  }

  const json = (account: Account) => accountJson(account, accounts.isErased(account.userId));

  return {
    [`GET ${V2}/users`]({ query }) {
      if (world.authService !== undefined && query.get('guests') !== 'false') {
        const error = 'The guests parameter is not supported when delegating to MAS.';
        throw new Refusal(400, 'M_INVALID_PARAM', error);
      }
      const from = Number(query.get('from') ?? 0);
      const limit = Number(query.get('limit') ?? 100);
      const hides = {
        deactivated: query.get('deactivated') !== 'true',
        locked: query.get('locked') !== 'true',
      };
      const isHidden = ({ deactivated, locked }: Account) =>
        (deactivated && hides.deactivated) || (locked && hides.locked);
      const all =
        query.get('admins') === 'true' ? accounts.all().filter(({ admin }) => admin) : accounts.all();
      // A page of 100,000 accounts takes no longer than one of a hundred.
      const listed = hides.deactivated || hides.locked ? all.filter((account) => !isHidden(account)) : all;
      const users = listed.slice(from, from + limit).map(summaryJson);
      const next = from + limit < listed.length ? { next_token: `${from + users.length}` } : {};
      return ok({ users, total: listed.length, ...next });
    },

    [`GET ${V2}/users/{userId}`]: (call) => ok(json(existing(call))),

    [`PUT ${V2}/users/{userId}`](call) {
      const id = putTarget(param(call, 'userId'));
      const done = world.putAccount(id, changeIn(call.body));
      const account = accounts.get(id);
      return {
        status: done === 'created' ? 201 : 200,
        body: account === undefined ? {} : json(account),
      };
    },

    [`PUT ${V1}/suspend/{userId}`](call) {
      const { userId } = existing(call);
      const suspended = optionalFlag(call.body, 'suspend') ?? false;
      accounts.suspend(userId, suspended);
      return ok({ [`user_${userId}_suspended`]: suspended });
    },

    [`GET ${V1}/auth_providers/{provider}/users/{id}`](call) {
      const externalId = { provider: param(call, 'provider'), id: param(call, 'id') };
      return found(accounts.byExternalId(externalId));
    },

    [`GET ${V1}/threepid/{medium}/users/{address}`](call) {
      return found(accounts.byThreepid({ medium: param(call, 'medium'), address: param(call, 'address') }));
    },

    [`GET ${V1}/username_available`]({ query }) {
      accounts.mustBeFree(userId(query.get('username') ?? '', world.serverName));
      return ok({ available: true });
    },

    [`POST ${V1}/deactivate/{userId}`](call) {
      const { userId } = existing(call);
      if (optionalFlag(call.body, 'erase')) world.eraseAccount(userId);
      else world.putAccount(userId, { deactivated: true });
      return ok({ id_server_unbind_result: 'success' });
    },

    [`GET ${V1}/users/{userId}/admin`]: (call) => ok({ admin: existing(call).admin }),

    [`PUT ${V1}/users/{userId}/admin`](call) {
      world.setAdmin(call.actor, existing(call).userId, optionalFlag(call.body, 'admin') ?? false);
      return ok({});
    },

    [`GET ${V1}/users/{userId}/memberships`](call) {
      const id = userIdIn(param(call, 'userId'), 'userId');
      return ok({ memberships: Object.fromEntries(world.rooms.memberships(id)) });
    },

    [`POST ${V1}/users/{userId}/override_ratelimit`](call) {
      world.limits.lift(existing(call).userId);
      return ok({ messages_per_second: 0, burst_count: 0 });
    },
  };
}

/** Longer ids than the grammar allows come to Synapse's own check, so they are not refused as no ids. */
function putTarget(text: string): Account['userId'] {
  const [, localpart, serverName] = /^@([^:]+):(.+)$/.exec(text) ?? [];
  if (localpart === undefined || serverName === undefined) {
    throw new Refusal(400, 'M_INVALID_PARAM', "Expected UserID string to start with '@'");
  }
  return userId(localpart, serverName);
}

function changeIn(body: JsonObject): Parameters<World['putAccount']>[1] {
  const deactivated = optionalFlag(body, 'deactivated');
  const locked = optionalFlag(body, 'locked');
  if (deactivated && locked) throw badRequest("An user can't be deactivated and locked");
  return {
    displayName: optionalText(body, 'displayname'),
    avatarUrl: optionalText(body, 'avatar_url'),
    threepids: objects(body, 'threepids')?.map((entry) => {
      return { medium: text(entry, 'medium'), address: text(entry, 'address') };
    }),
    externalIds: objects(body, 'external_ids')?.map((entry) => {
      return { provider: text(entry, 'auth_provider'), id: text(entry, 'external_id') };
    }),
    deactivated,
    locked,
    admin: optionalFlag(body, 'admin'),
  };
}

function found(account: Account | undefined): ReturnType<typeof ok> {
  if (account === undefined) throw notFound('User not found');
  return ok({ user_id: account.userId });
}

function summaryJson({ userId, displayName, admin, deactivated, locked }: Account): JsonObject {
  return { name: userId, displayname: displayName ?? null, is_guest: false, admin, deactivated, locked };
}

function accountJson(account: Account, erased: boolean): JsonObject {
  return {
    ...summaryJson(account),
    suspended: account.suspended,
    avatar_url: account.avatarUrl ?? null,
    erased,
    appservice_id: account.appservice ? 'bridge' : null,
    threepids: account.threepids,
    external_ids: account.externalIds.map(({ provider, id }) => ({
      auth_provider: provider,
      external_id: id,
    })),
  };
}
