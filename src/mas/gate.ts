import { HomeserverError } from '../matrix/error.ts';
import type { RestClient } from '../rest/client.ts';
import { whereServed } from '../rest/found.ts';
import { type Delegation, readDelegation } from './delegation.ts';
import { once } from './once.ts';
import { MasTrouble } from './trouble.ts';

/** Lets nothing through to a homeserver where people sign in otherwise than the settings say. */
export type Gate = {
  /** Whom the homeserver leaves it to to sign people in. Rejects with `HomeserverError`, which says what to correct. */
  readonly pass: () => Promise<Delegation | undefined>;
  /** The homeserver may be another one by now: it is asked again. */
  readonly doubt: () => void;
};

type Options = {
  /** Of the homeserver; it needs no token. */
  readonly client: RestClient;
  readonly expected: 'synapse' | 'mas';
  /** Else the settings are believed. */
  readonly verified: boolean;
};

/** Accounts that are made the wrong way can't be signed in to, and are a trap afterwards: so it is never guessed. */
export function createGate({ client, expected, verified }: Options): Gate {
  const ask = async (): Promise<Delegation | undefined> => {
    // A proxy may hide it: then MAS_URL has to say where MAS is.
    if (!verified) return expected === 'mas' ? whereServed(readDelegation(client)) : undefined;
    const found = await readOrSay(client, expected);
    if (expected === 'synapse' && found !== undefined) throw isDelegated(found);
    if (expected === 'mas' && found === undefined) throw notDelegated();
    return found;
  };
  const asked = once(ask);
  return { pass: asked.ask, doubt: asked.doubt };
}

/** Most often a proxy answers, which does not pass this on: it is not for us to guess what is behind it. */
async function readOrSay(client: RestClient, expected: Options['expected']): Promise<Delegation | undefined> {
  try {
    return await readDelegation(client);
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.kind !== 'protocol') throw error;
    throw new HomeserverError(
      'protocol',
      `it can't be told who signs people in (${error.message}): let the proxy before the homeserver pass that on, or set MATRIX_AUTH=${expected} if you are certain`,
      { cause: error },
    );
  }
}

function isDelegated({ issuer }: Delegation): HomeserverError {
  return new MasTrouble(
    `the homeserver leaves it to ${issuer} to sign people in (Matrix Authentication Service)`,
    `set MAS_CLIENT_ID and MAS_CLIENT_SECRET. Without them nobody could sign in to the accounts that Usher makes, so it does nothing`,
  );
}

function notDelegated(): HomeserverError {
  return new MasTrouble(
    'MAS_CLIENT_ID is set, and the homeserver signs people in by itself',
    'it has no matrix_authentication_service in its configuration, or MATRIX_URL is another homeserver. Correct that, or remove the settings of MAS. If only a proxy hides /_matrix/client/v1/auth_metadata, set MATRIX_AUTH=mas',
  );
}
