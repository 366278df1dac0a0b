import type { JsonObject } from '../api-request.ts';
import type { MasEmail } from './emails.ts';
import type { PersonalSession } from './personal-sessions.ts';
import type { BrowserSession, CompatSession, OAuth2Session } from './sessions.ts';
import { isoTime } from './ulid.ts';
import type { MasLink, MasProvider } from './upstream.ts';
import type { MasUser } from './users.ts';

/** One kind of thing as the admin API tells it: MAS's `admin/model.rs`, in its order. */
export type Kind<T> = {
  readonly type: string;
  /** After `/api/admin/v1`. */
  readonly path: string;
  readonly attributes: (thing: T) => JsonObject;
  /** Where a page goes on after this one; its id if not given. */
  readonly cursor?: (thing: T) => string;
};

export const API = '/api/admin/v1';

const timeOrNull = (ms: number | undefined): string | null => (ms === undefined ? null : isoTime(ms));

export const USER: Kind<MasUser> = {
  type: 'user',
  path: '/users',
  attributes: ({ username, createdAt, lockedAt, deactivatedAt, canRequestAdmin }) => ({
    username,
    created_at: isoTime(createdAt),
    locked_at: timeOrNull(lockedAt),
    deactivated_at: timeOrNull(deactivatedAt),
    admin: canRequestAdmin,
    legacy_guest: false,
  }),
};

export const EMAIL: Kind<MasEmail> = {
  type: 'user-email',
  path: '/user-emails',
  attributes: ({ createdAt, userId, email }) => ({ created_at: isoTime(createdAt), user_id: userId, email }),
};

export const LINK: Kind<MasLink> = {
  type: 'upstream-oauth-link',
  path: '/upstream-oauth-links',
  attributes: ({ createdAt, providerId, subject, userId, humanAccountName }) => ({
    created_at: isoTime(createdAt),
    provider_id: providerId,
    subject,
    user_id: userId ?? null,
    human_account_name: humanAccountName ?? null,
  }),
};

export const PROVIDER: Kind<MasProvider> = {
  type: 'upstream-oauth-provider',
  path: '/upstream-oauth-providers',
  attributes: ({ issuer, humanName, brandName, createdAt, disabledAt }) => ({
    issuer: issuer ?? null,
    human_name: humanName ?? null,
    brand_name: brandName ?? null,
    created_at: isoTime(createdAt),
    disabled_at: timeOrNull(disabledAt),
    registration_token_required: false,
  }),
};

/** Nobody looks when and from where a session was used last. */
const UNSEEN = { user_agent: null, last_active_at: null, last_active_ip: null };

export const BROWSER_SESSION: Kind<BrowserSession> = {
  type: 'user-session',
  path: '/user-sessions',
  attributes: ({ createdAt, finishedAt, userId }) => ({
    created_at: isoTime(createdAt),
    finished_at: timeOrNull(finishedAt),
    user_id: userId,
    ...UNSEEN,
  }),
  // MAS 1.22 was seen to do so: who follows `links.next` gets the same page for ever.
  cursor: ({ userId }) => userId,
};

export const OAUTH2_SESSION: Kind<OAuth2Session> = {
  type: 'oauth2-session',
  path: '/oauth2-sessions',
  attributes: ({ createdAt, finishedAt, userId, clientId, scope }) => ({
    created_at: isoTime(createdAt),
    finished_at: timeOrNull(finishedAt),
    user_id: userId ?? null,
    user_session_id: null,
    client_id: clientId,
    scope: scope.join(' '),
    ...UNSEEN,
    human_name: null,
  }),
};

export const COMPAT_SESSION: Kind<CompatSession> = {
  type: 'compat-session',
  path: '/compat-sessions',
  attributes: ({ createdAt, finishedAt, userId, device }) => ({
    user_id: userId,
    device_id: device,
    user_session_id: null,
    redirect_uri: null,
    created_at: isoTime(createdAt),
    ...UNSEEN,
    finished_at: timeOrNull(finishedAt),
    human_name: null,
  }),
};

export const PERSONAL_SESSION: Kind<PersonalSession> = {
  type: 'personal-session',
  path: '/personal-sessions',
  attributes: ({ createdAt, revokedAt, owner, actorId, humanName, scope, token }) => ({
    created_at: isoTime(createdAt),
    revoked_at: timeOrNull(revokedAt),
    owner_user_id: 'userId' in owner ? owner.userId : null,
    owner_client_id: 'clientId' in owner ? owner.clientId : null,
    actor_user_id: actorId,
    human_name: humanName,
    scope: scope.join(' '),
    last_active_at: null,
    last_active_ip: null,
    expires_at: revokedAt === undefined ? timeOrNull(token?.expiresAt) : null,
  }),
};
