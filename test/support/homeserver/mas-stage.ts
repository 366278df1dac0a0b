import { onTestFinished } from 'vitest';
import { type RoomId, type UserId, userId } from '../../../src/matrix/ids.ts';
import type { SignIn } from '../../../src/simulator/mas/sign-in.ts';
import { type Env, IDP, type Reached } from '../usher.ts';
import type { ActingUser } from './harness.ts';
import { type SimulatedMas, type SimulatedMasOptions, startSimulatedMas } from './simulated-mas.ts';

/** A simulated MAS and Synapse where Usher has one secret and nothing else: neither a bot nor a token. */
export type MasStage = SimulatedMas & {
  /** What is left of the settings; a test may put proxies in place of both addresses. */
  readonly reached: Reached & { readonly settings: Env };
  readonly owner: ActingUser;
  /** She comes from the identity provider, as `createProvider` says who she is. */
  signIn(userName: string, more?: { readonly subject?: string; readonly email?: string }): SignIn;
  /** The Matrix id that she is in by, or what she reads in place of it. */
  entered(userName: string, more?: { readonly subject?: string }): string;
  isIn(room: RoomId, localpart: string): boolean;
  account(localpart: string): UserId;
  /** The addresses that MAS has of a user. */
  emailsOf(localpart: string): readonly string[];
  /** The subjects that lead to a user, by all providers. */
  subjectsOf(localpart: string): readonly string[];
  /** All that MAS and Synapse hold, but for tokens of our client that live for minutes. */
  everything(): unknown;
};

/** The localpart of the bot that Usher is told of. */
export const BOT = 'room-sync';

/** Closed after the test. */
export async function openMasStage(options: SimulatedMasOptions = {}): Promise<MasStage> {
  const simulated = await startSimulatedMas(options);
  onTestFinished(simulated.close);
  const { mas, world, serverName, providerId } = simulated;
  const account = (localpart: string): UserId => userId(localpart, serverName);
  const idOf = (localpart: string): string => mas.users.byUsername(localpart)?.id ?? '';

  const signIn: MasStage['signIn'] = (userName, { subject = `uid-${userName}`, ...more } = {}) =>
    mas.signIn(providerId, { subject, username: userName.toLowerCase(), ...more });

  return {
    ...simulated,
    reached: {
      ...{ url: simulated.url, serverName, bot: account(BOT), adminToken: '' },
      settings: {
        IDP_NAME: IDP,
        MAS_URL: simulated.masUrl,
        MAS_CLIENT_ID: simulated.clientId,
        MAS_CLIENT_SECRET: simulated.clientSecret,
        MAS_UPSTREAM_PROVIDER_ID: providerId,
      },
    },
    owner: await simulated.person('owner'),
    ...{ account, signIn },
    entered(userName, more) {
      const found = signIn(userName, more);
      return found.outcome === 'signed-in' ? account(found.user.username) : found.outcome;
    },
    isIn: (room, localpart) => world.rooms.get(room)?.members.get(account(localpart))?.membership === 'join',
    emailsOf: (localpart) =>
      mas.emails
        .all()
        .filter((each) => each.userId === idOf(localpart))
        .map(({ email }) => email),
    subjectsOf: (localpart) =>
      mas.upstream
        .links()
        .filter((each) => each.userId === idOf(localpart))
        .map(({ subject }) => subject),
    everything: () =>
      structuredClone({
        users: mas.users.all(),
        emails: mas.emails.all(),
        links: mas.upstream.links(),
        personalSessions: mas.personalSessions.all(),
        browserSessions: [...mas.sessions.browser.values()],
        oauth2Sessions: [...mas.sessions.oauth2.values()].filter((each) => each.userId !== undefined),
        accounts: world.accounts.all(),
        rooms: world.rooms.find(''),
      }),
  };
}
