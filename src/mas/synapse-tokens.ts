import { HomeserverError } from '../matrix/error.ts';
import type { TokenSource } from '../rest/token-source.ts';
import type { Mas } from './mas.ts';
import { isAtLeast, SINCE } from './release.ts';
import type { IssuedToken } from './sessions.ts';
import { MasTrouble } from './trouble.ts';
import type { MasUser } from './users.ts';

/** A token that outlives a restart. `issuedAt` is in milliseconds since 1970. */
export type KeptToken = IssuedToken & { readonly issuedAt: number };

/** Where it is kept. */
export type TokenKeeper = {
  readonly read: () => KeptToken | undefined;
  readonly write: (token: KeptToken) => void;
};

type Deps = {
  readonly mas: Mas;
  readonly keeper: TokenKeeper;
  /** The localpart of the bot. */
  readonly bot: string;
  /** Whether to make the bot and its tokens; else only what is kept is used. */
  readonly makes: boolean;
  readonly now: () => number;
  /** Told of each token that was made or renewed, and of why one could not be kept. */
  readonly onIssued?: ((unkept: unknown) => void) | undefined;
};

/** The part of its life after which a token is renewed. */
const USED = 0.8;
/** After an attempt that failed, and between two replacements. */
const PAUSE_MS = 60_000;
/** A token that is refused so soon after it was issued is not mended by another one of its kind. */
const LATELY_MS = 600_000;

/** Tokens with which the bot may administer Synapse, got from MAS and renewed in time. */
export function createSynapseTokens({ mas, keeper, bot, makes, now, onIssued }: Deps): TokenSource {
  const { sessions } = mas;
  let held: KeptToken | undefined;
  let busy: Promise<KeptToken> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  const keep = (issued: IssuedToken): KeptToken => {
    held = { ...issued, issuedAt: now() };
    let unkept: unknown;
    try {
      keeper.write(held);
    } catch (error) {
      // It is good for as long as we run.
      unkept = error;
    }
    onIssued?.(unkept);
    return held;
  };

  const begin = async (): Promise<KeptToken> => {
    const release = await mas.release();
    if (!isAtLeast(release, SINCE.personalSessions)) throw tooOld(release.text, bot);
    const user = usable((await mas.users.byName(bot)) ?? (await mas.users.add(botOf(bot))));
    const kept = keep(await sessions.begin(user.id));
    for (const { id } of await sessions.ofUser(user.id)) if (id !== kept.sessionId) await sessions.revoke(id);
    return kept;
  };

  /** Another token of the same session; another session if MAS does not know it any more. */
  const renew = async (kept: KeptToken): Promise<KeptToken> => {
    const user = await mas.users.byName(bot);
    if (user !== undefined) usable(user);
    try {
      return keep(await sessions.renew(kept.sessionId));
    } catch (error) {
      const isOver =
        error instanceof HomeserverError && (error.kind === 'refused' || error.kind === 'not-found');
      if (!isOver) throw error;
      return begin();
    }
  };

  const alone = (act: () => Promise<KeptToken>): Promise<KeptToken> => {
    triedAt = now();
    busy ??= act().finally(() => {
      busy = undefined;
    });
    return busy;
  };

  return {
    async current() {
      held ??= keeper.read();
      const kept = held;
      if (kept === undefined) {
        if (!makes) throw noneYet();
        return (await alone(begin)).token;
      }
      const isDue = now() >= kept.issuedAt + USED * (kept.expiresAt - kept.issuedAt);
      if (!makes || !isDue || now() < triedAt + PAUSE_MS) return kept.token;
      try {
        return (await alone(() => renew(kept))).token;
      } catch (error) {
        if (now() < kept.expiresAt) return kept.token;
        throw error;
      }
    },

    async replace(rejected) {
      if (busy !== undefined) await busy;
      const kept = keeper.read();
      if (kept !== undefined && kept.token !== rejected) {
        held = kept;
        return true;
      }
      if (!makes || now() < triedAt + PAUSE_MS) return false;
      // A new token of the same session is no better where somebody deleted its device.
      const isOld = kept !== undefined && now() > kept.issuedAt + LATELY_MS;
      await alone(() => (isOld ? renew(kept) : begin()));
      return true;
    },
  };
}

function botOf(username: string) {
  return { username, displayName: 'Usher', adopts: false };
}

/** No token of a locked user is good for Synapse. */
function usable(user: MasUser): MasUser {
  const { username, locked, deactivated } = user;
  if (!locked && !deactivated) return user;
  const [what, cure] = locked ? ['locked', 'unlock-user'] : ['deactivated', 'unlock-user --reactivate'];
  throw new MasTrouble(
    `the bot ${username} is ${what} in MAS, so that none of its tokens is good`,
    `"mas-cli manage ${cure} ${username}"`,
  );
}

function tooOld(release: string, bot: string): MasTrouble {
  return new MasTrouble(
    `MAS ${release} gives no tokens for Synapse before 1.5`,
    `update it, or set MATRIX_ADMIN_TOKEN to what "mas-cli manage issue-compatibility-token ${bot} --yes-i-want-to-grant-synapse-admin-privileges" prints`,
  );
}

function noneYet(): MasTrouble {
  return new MasTrouble(
    'there is no token for Synapse yet',
    'Usher makes one when the service starts (DRY_RUN=true changes nothing else)',
  );
}
