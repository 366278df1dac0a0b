import type { UserId } from '../matrix/ids.ts';
import { type Call, type Handlers, ok, param, text } from './api-request.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

const V3 = '/_matrix/client/v3';

/** What people do with their own account. */
export function profileHandlers(world: World): Handlers {
  function own(call: Call): UserId {
    if (param(call, 'userId') === call.actor) return call.actor;
    throw new Refusal(400, 'M_FORBIDDEN', "Cannot set another user's profile");
  }

  return {
    [`GET ${V3}/account/whoami`]: ({ actor }) => ok({ user_id: actor, is_guest: false }),

    [`PUT ${V3}/profile/{userId}/displayname`](call) {
      world.putAccount(own(call), { displayName: text(call.body, 'displayname') });
      return ok();
    },

    [`PUT ${V3}/profile/{userId}/avatar_url`](call) {
      world.putAccount(own(call), { avatarUrl: text(call.body, 'avatar_url') });
      return ok();
    },

    [`POST ${V3}/logout/all`]({ actor }) {
      world.logOut(actor);
      return ok();
    },
  };
}
