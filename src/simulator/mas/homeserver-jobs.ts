import { deviceIn } from '../delegation.ts';
import type { Provisioning } from '../provisioning.ts';
import type { Emails } from './emails.ts';
import type { Features } from './features.ts';
import type { Jobs } from './jobs.ts';
import type { PersonalSessions } from './personal-sessions.ts';
import type { Sessions } from './sessions.ts';
import type { MasUser, Users } from './users.ts';

/** What MAS leaves to its worker. */
export type HomeserverJobs = {
  /** Tells Synapse who she is: her e-mails, all of them, whether she is locked, and her devices. */
  provision(user: MasUser, displayName?: string): void;
  /** Ends her sessions, takes her e-mails, and deactivates her account. */
  deactivate(user: MasUser, erase: boolean): void;
  syncDevices(user: MasUser): void;
};

type Deps = {
  readonly jobs: Jobs;
  readonly homeserver: Provisioning;
  readonly features: Features;
  readonly users: Users;
  readonly emails: Emails;
  readonly sessions: Sessions;
  readonly personalSessions: PersonalSessions;
};

export function createHomeserverJobs(deps: Deps): HomeserverJobs {
  const { jobs, homeserver, features, users, emails, sessions, personalSessions } = deps;

  function devicesOf(user: MasUser): ReadonlySet<string> {
    const oauth2 = [...sessions.oauth2.values()].filter(isActiveOf(user)).map(({ scope }) => deviceIn(scope));
    const compat = [...sessions.compat.values()].filter(isActiveOf(user)).map(({ device }) => device);
    const personal = personalSessions
      .all()
      .filter(({ actorId, revokedAt }) => actorId === user.id && revokedAt === undefined)
      .map(({ scope }) => deviceIn(scope));
    return new Set([...oauth2, ...compat, ...personal].filter((device) => device !== undefined));
  }

  const syncDevices = (user: MasUser): void => homeserver.syncDevices(user.username, devicesOf(user));

  return {
    provision(user, displayName) {
      jobs.schedule(() => {
        homeserver.provision(user.username, {
          displayName,
          emails: emails.of(user).map(({ email }) => email),
          locked: features.tellsLocks ? user.lockedAt !== undefined : undefined,
        });
        syncDevices(user);
      });
    },

    deactivate(user, erase) {
      jobs.schedule(() => {
        users.deactivate(user);
        sessions.finishAll(user);
        personalSessions.revokeAll(user);
        for (const { id } of emails.of(user)) emails.remove(id);
        homeserver.deleteUser(user.username, erase);
      });
    },

    syncDevices: (user) => jobs.schedule(() => syncDevices(user)),
  };
}

function isActiveOf(user: MasUser) {
  return (session: { userId: string | undefined; finishedAt: number | undefined }): boolean =>
    session.userId === user.id && session.finishedAt === undefined;
}
