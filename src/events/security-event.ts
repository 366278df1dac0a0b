import type { StoredEvent } from '../store/event-store.ts';

/** The claims of a Security Event Token (RFC 8417) that tells of one change. */
export type SecurityEvent = Readonly<Record<string, unknown>> & { readonly jti: string };

const PROVISIONING = 'urn:ietf:params:scim:event:prov';
/** The RFCs know no events of a homeserver; the name space is that of the package. */
const HOMESERVER = 'urn:matrix-usher:event:homeserver';

/** The URIs of all events that there may be, if these kinds of changes on the homeserver are told. */
export function eventUris(kinds: readonly string[]): readonly string[] {
  return [
    ...['create:notice', 'put:notice', 'delete', 'activate', 'deactivate'].map(
      (event) => `${PROVISIONING}:${event}`,
    ),
    ...kinds.map((kind) => `${HOMESERVER}:${kind}`),
  ];
}

/**
 * Changes of users and groups by RFC 9967, as notices: which attributes changed, and no value of them. A receiver reads the
 * resource below `iss`, if it needs more.
 */
export function securityEventOf(
  event: StoredEvent,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
): SecurityEvent {
  const { id, seq, at } = event;
  const seconds = Math.floor(at / 1000);
  return {
    ...{ iss: issuer, aud: audience, jti: id, txn: id, iat: seconds, toe: seconds, seq },
    sub_id: subjectOf(event),
    events: eventsOf(event),
  };
}

function subjectOf({ resource, externalId, operation }: StoredEvent): object {
  if (operation === 'change') return { format: 'uri', uri: matrixUri(resource) };
  return { format: 'scim', uri: resource, ...(externalId === undefined ? {} : { externalId }) };
}

function eventsOf(event: StoredEvent): Readonly<Record<string, object>> {
  if (event.operation === 'change') {
    const { kind, user, ...ids } = event.payload;
    return {
      [`${HOMESERVER}:${kind}`]: { ...ids, ...(user === undefined ? {} : { user: `/Users/${user}` }) },
    };
  }
  if (event.operation === 'delete') return { [`${PROVISIONING}:delete`]: {} };
  const { attributes, version, active } = event.payload;
  const change = { attributes, version: `W/"${version}"` };
  return {
    [`${PROVISIONING}:${event.operation}:notice`]: change,
    ...(active === undefined ? {} : { [`${PROVISIONING}:${active ? 'activate' : 'deactivate'}`]: {} }),
  };
}

/** Matrix spec, appendix "URIs": `matrix:u/ann:example.com`, `matrix:roomid/abc:example.com`. */
function matrixUri(id: string): string {
  const kind = id.startsWith('@') ? 'u' : 'roomid';
  return `matrix:${kind}/${encodeURIComponent(id.slice(1)).replaceAll('%3A', ':')}`;
}
