import { localpartOf, type UserId } from '../../matrix/ids.ts';
import type { AuthService } from '../delegation.ts';
import { forbidden } from '../refusal.ts';
import type { World } from '../world.ts';
import { type Clients, createClients } from './clients.ts';
import { type Connection, createConnection } from './connection.ts';
import { discoveryOf } from './discovery.ts';
import { createEmails, type Emails } from './emails.ts';
import { type Features, featuresOf } from './features.ts';
import { createHomeserverJobs, type HomeserverJobs } from './homeserver-jobs.ts';
import { createIntrospection } from './introspection.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { createPersonalSessions, type PersonalSessions } from './personal-sessions.ts';
import { deviceScope, MATRIX_API, SYNAPSE_ADMIN } from './scope.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { type Claims, createSignIn, type SignIn } from './sign-in.ts';
import { defaultSite, type SiteConfig } from './site.ts';
import { createUlids } from './ulid.ts';
import { createUpstream, type Upstream } from './upstream.ts';
import { createUsers, type MasUser, type Users } from './users.ts';

export type MasOptions = {
  /** The homeserver that leaves sign-in to this MAS from now on. */
  readonly world: World;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Like `1.17.0`; the default is 1.22.0. */
  readonly version?: string;
};

/** A Matrix Authentication Service in memory, and what people and admins do to it. */
export type Mas = {
  readonly version: string;
  readonly features: Features;
  readonly now: () => number;
  /** `matrix.homeserver`; of another one if it is misconfigured. */
  serverName: string;
  readonly newId: () => string;
  readonly users: Users;
  readonly emails: Emails;
  readonly upstream: Upstream;
  readonly clients: Clients;
  readonly sessions: Sessions;
  readonly personalSessions: PersonalSessions;
  readonly homeserver: Connection;
  readonly homeserverJobs: HomeserverJobs;
  readonly jobs: Jobs;
  readonly site: SiteConfig;
  /** `http.public_base`, with a slash at its end; the issuer, too. */
  publicBase: string;
  /** Whether any listener has the resource `adminapi`. */
  hasAdminApi: boolean;

  /** A user with an account on the homeserver, as if she had registered long ago. */
  register(username: string, options?: { canRequestAdmin?: boolean }): MasUser;
  /** Somebody comes from an upstream provider. Throws while MAS or the homeserver is down. */
  signIn(providerId: string, claims: Claims): SignIn;
  /** A token of a client that she signs in with; it carries the admin scope if she may ask for it. */
  logIn(user: MasUser): string;

  /** An outage: what is stored stays. */
  goDown(): void;
  comeUp(): void;
  isUp(): boolean;
};

export function createMas({ world, now, version = '1.22.0' }: MasOptions): Mas {
  const { serverName } = world;
  const features = featuresOf(version);
  const newId = createUlids(now);
  const users = createUsers({ now, newId });
  const emails = createEmails({ now, newId });
  const upstream = createUpstream({ now, newId });
  const clients = createClients(newId);
  const sessions = createSessions({ now, newId });
  const personalSessions = createPersonalSessions({ now, newId, sessions });
  const jobs = createJobs();
  const introspect = createIntrospection({ now, users, sessions, personalSessions });
  const element = clients.add({ method: 'client_secret_basic', secret: newId() });
  element.isAdmin = false;
  let up = true;

  const service: AuthService = {
    metadata() {
      mustBeUp();
      return discoveryOf(mas.publicBase);
    },
    introspect(token) {
      mustBeUp();
      return introspect(token);
    },
    logIn(userId: UserId) {
      const user = users.byUsername(localpartOf(userId));
      if (user === undefined) throw forbidden(`${userId} is no user of MAS`);
      return logIn(user);
    },
    catchUp() {
      if (up) jobs.catchUp();
    },
  };
  const homeserver = createConnection(world.delegateTo(service));
  const deps = { jobs, homeserver, features, users, emails, sessions, personalSessions };
  const homeserverJobs = createHomeserverJobs(deps);
  const signIn = createSignIn({ upstream, users, emails, homeserver, jobs: homeserverJobs });

  function mustBeUp(): void {
    if (!up) throw new Error('MAS is down');
  }

  function logIn(user: MasUser): string {
    const device = newId().slice(-10);
    const scope = [MATRIX_API, deviceScope(device), ...(user.canRequestAdmin ? [SYNAPSE_ADMIN] : [])];
    homeserver.addDevice(user.username, device);
    const session = sessions.startOAuth2({ userId: user.id, clientId: element.id, scope });
    return sessions.issue('mat', { kind: 'oauth2', sessionId: session.id });
  }

  const mas: Mas = {
    ...{ version, features, now, serverName, newId, users, emails, upstream, clients, sessions },
    ...{ personalSessions, homeserver, homeserverJobs, jobs, site: defaultSite() },
    publicBase: 'http://mas.invalid/',
    hasAdminApi: true,

    register(username, { canRequestAdmin = false } = {}) {
      homeserver.provision(username, { locked: false });
      const user = users.add(username);
      user.canRequestAdmin = canRequestAdmin;
      return user;
    },

    signIn(providerId, claims) {
      mustBeUp();
      const done = signIn(providerId, claims);
      if (done.outcome === 'signed-in') sessions.startBrowser(done.user);
      jobs.catchUp();
      return done;
    },

    logIn,

    goDown() {
      up = false;
    },
    comeUp() {
      up = true;
    },
    isUp: () => up,
  };
  return mas;
}
