import type { Config } from '../config/config.ts';
import { type Finding, failure, ok } from '../desk/finding.ts';
import { MasTrouble } from '../mas/trouble.ts';
import { HomeserverError } from '../matrix/error.ts';
import { unreachable } from './check-identity.ts';
import { pasted } from './check-report.ts';
import type { Connection } from './connection.ts';

const SUBJECT = 'sign-in';

/** Whether people sign in as the settings say. Resolves with whether anything may be asked of the homeserver. */
export async function* checkSignIn(
  { matrix }: Config,
  { delegation }: Pick<Connection, 'delegation'>,
): AsyncGenerator<Finding, boolean> {
  const isByMas = matrix.auth.kind === 'mas';
  try {
    const found = await delegation();
    if (isByMas) yield ok(SUBJECT, signedInBy(found?.issuer));
    return true;
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    if (error instanceof MasTrouble) {
      yield failure(SUBJECT, { found: error.found, ...(isByMas ? notDelegated(matrix) : isDelegated()) });
      return false;
    }
    // Of a Synapse by itself, whatever is asked next says the same.
    if (isByMas) yield unreachable(error, matrix);
    return !isByMas;
  }
}

function signedInBy(issuer: string | undefined): string {
  return issuer === undefined
    ? 'by the Matrix Authentication Service, as MATRIX_AUTH says; the homeserver itself does not tell'
    : `the homeserver leaves it to ${issuer} (Matrix Authentication Service)`;
}

/** Any ULID will do: it has to be another one than those of other clients. */
const NEW_CLIENT = '01J44RKQYM4G3TNVANTMTDYTX6';

function isDelegated() {
  const inMas = `
clients:
  - client_id: ${NEW_CLIENT}
    client_auth_method: client_secret_basic
    client_secret: <output of: openssl rand -hex 32>
policy:
  data:
    admin_clients: [${NEW_CLIENT}]`;
  const settings = `
MAS_CLIENT_ID=${NEW_CLIENT}
MAS_CLIENT_SECRET=<the same secret>
MAS_UPSTREAM_ISSUER=<the issuer of your identity provider, as MAS has it>
MAS_URL=<where MAS answers as seen from here, e.g. http://mas:8081>`;
  return {
    meaning:
      'nobody could sign in to accounts that are made in Synapse, so Usher does nothing; what identity providers push is kept until then.',
    remedy: `put this into the configuration of MAS, and restart it:${pasted(inMas)}
      and this into the settings of Usher, in place of MATRIX_ADMIN_TOKEN and IDP_NAME:${pasted(settings)}`,
  };
}

function notDelegated({ auth }: Config['matrix']) {
  const endpoint = (auth.kind === 'mas' ? auth.url : undefined) ?? 'http://mas:8080';
  const inSynapse = `
matrix_authentication_service:
  enabled: true
  endpoint: ${endpoint}/
  secret: <the "secret" below "matrix" in the configuration of MAS>`;
  return {
    meaning:
      'nobody could sign in to accounts that are made in MAS, so Usher does nothing; what identity providers push is kept until then.',
    remedy: `if MAS is to sign people in, put this into homeserver.yaml, and restart Synapse:${pasted(inSynapse)}
      If not, remove all settings that begin with MAS_, and set MATRIX_ADMIN_TOKEN and IDP_NAME. If MATRIX_URL is another
      homeserver, correct it. If only a proxy hides /_matrix/client/v1/auth_metadata, set MATRIX_AUTH=mas.`,
  };
}
