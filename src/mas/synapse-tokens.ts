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
/** Between two attempts to renew a token that is still good, and between two replacements. */
const PAUSE_MS = 60_000;
/** After a replacement that failed, what it failed with is said again, and MAS is not asked. */
const RETRY_MS = 10_000;

/** Tokens with which the bot may administer Synapse, got from MAS and renewed in time. */
export function createSynapseTokens({ mas, keeper, bot, makes, now, onIssued }: Deps): TokenSource {
  const { sessions } = mas;
  let held: KeptToken | undefined;
  let busy: Promise<KeptToken> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let replacedAt = Number.NEGATIVE_INFINITY;
  let failure: { readonly at: number; readonly error: unknown } | undefined;
  /** Whether the file says what we hold. */
  let isKept = true;

  const keep = (issued: IssuedToken): KeptToken => {
    held = { ...issued, issuedAt: now() };
    try {
      keeper.write(held);
      isKept = true;
      onIssued?.(undefined);
    } catch (error) {
      // It is good for as long as we run.
      isKept = false;
      onIssued?.(error);
    }
    return held;
  };

  /** Also if only Synapse has an account of that name, perhaps since an attempt that broke off: it was named to be the bot. */
  const madeBot = async (): Promise<MasUser> => {
    try {
      return await mas.users.add({ username: bot, displayName: 'Usher', adopts: true });
    } catch (error) {
      throw error instanceof HomeserverError && error.kind === 'refused' ? notMade(bot, error) : error;
    }
  };

  const begin = async (): Promise<KeptToken> => {
    const release = await mas.release();
    if (!isAtLeast(release, SINCE.personalSessions)) throw tooOld(release.text, bot);
    const user = mustBeUsable((await mas.users.byName(bot)) ?? (await madeBot()));
    const kept = keep(await sessions.begin(user.id));
    for (const { id } of await sessions.ofUser(user.id)) if (id !== kept.sessionId) await sessions.revoke(id);
    return kept;
  };

  const mustStillBeUsable = async (): Promise<void> => {
    const user = await mas.users.byName(bot);
    if (user !== undefined) mustBeUsable(user);
  };

  /** Another token of the same session; another session if MAS does not know it any more. */
  const renew = async (kept: KeptToken): Promise<KeptToken> => {
    await mustStillBeUsable();
    try {
      return keep(await sessions.renew(kept.sessionId));
    } catch (error) {
      const isOver =
        error instanceof HomeserverError && (error.kind === 'refused' || error.kind === 'not-found');
      if (!isOver) throw error;
      return begin();
    }
  };

  const attempt = async (act: () => Promise<KeptToken>): Promise<KeptToken> => {
    try {
      const kept = await act();
      failure = undefined;
      return kept;
    } catch (error) {
      failure = { at: now(), error };
      throw error;
    }
  };

  const alone = (act: () => Promise<KeptToken>): Promise<KeptToken> => {
    triedAt = now();
    busy ??= attempt(act).finally(() => {
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
      if (held !== undefined && held.token !== rejected) return true;
      const kept = isKept ? keeper.read() : undefined;
      if (kept !== undefined && kept.token !== rejected) {
        held = kept;
        return true;
      }
      if (!makes) {
        await mustStillBeUsable();
        return false;
      }
      if (failure !== undefined && now() < failure.at + RETRY_MS) throw failure.error;
      if (failure === undefined && now() < replacedAt + PAUSE_MS) throw notTaken(bot);
      replacedAt = now();
      // Not renewed: that would not bring back the device that Synapse knows it by.
      await alone(begin);
      return true;
    },
  };
}

/** No token of a locked user is good for Synapse. Throws `MasTrouble` with what lifts that. */
export function mustBeUsable(user: MasUser): MasUser {
  const { username, locked, deactivated } = user;
  if (!locked && !deactivated) return user;
  const [what, cure] = locked ? ['locked', 'unlock-user'] : ['deactivated', 'unlock-user --reactivate'];
  throw new MasTrouble(
    `the bot ${username} is ${what} in MAS, so that none of its tokens is good`,
    `"mas-cli manage ${cure} ${username}"`,
  );
}

function notMade(bot: string, cause: HomeserverError): MasTrouble {
  return new MasTrouble(
    `MAS does not let Usher make its bot ${bot} (${cause.message})`,
    'let MATRIX_ADMIN_USER_ID name one that can be made, or that is a user of MAS',
    { cause },
  );
}

/** Every other cause was ruled out when it was made. */
function notTaken(bot: string): MasTrouble {
  return new MasTrouble(
    `the homeserver refuses the token that MAS has just given the bot ${bot}`,
    'see that MAS_URL leads to the MAS of this homeserver, that the bot was not locked since, and that no other Usher has the same client and bot. It is tried again with another token in a minute',
  );
}

function tooOld(release: string, bot: string): MasTrouble {
  return new MasTrouble(
    `MAS ${release} gives no tokens for Synapse, as it does from 1.5 on`,
    `update it, or set MATRIX_ADMIN_TOKEN to what "${mintLine(bot)}" prints`,
  );
}

/** The command that prints a token of the bot, a localpart, in any MAS. */
export function mintLine(bot: string): string {
  return `mas-cli manage issue-compatibility-token ${bot} --yes-i-want-to-grant-synapse-admin-privileges`;
}

function noneYet(): MasTrouble {
  return new MasTrouble(
    'there is no token for Synapse yet',
    'Usher makes one when the service starts (DRY_RUN=true changes nothing else)',
  );
}
