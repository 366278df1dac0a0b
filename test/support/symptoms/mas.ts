import { ACCESS } from '../check-mas/access-cases.ts';
import { ACCOUNTS } from '../check-mas/account-cases.ts';
import { BOT } from '../check-mas/bot-cases.ts';
import { PROVIDER } from '../check-mas/provider-cases.ts';
import { type Case, check, startSoundMas } from '../check-mas/stage.ts';
import { usher } from '../terminal.ts';
import { envFor, startUsher } from '../usher.ts';

/** What `usher check` says of a MAS that can't be used, and what else is said of accounts there. */
export async function sayOfMas(): Promise<readonly string[]> {
  const said: string[] = [];
  for (const each of [...ACCESS, ...PROVIDER, ...BOT, ...ACCOUNTS]) said.push(...(await sayOf(each)));
  return [...said, ...(await sayOfPeople()), ...(await sayOfKeptToken())];
}

async function sayOf({ options, spoil }: Case): Promise<readonly string[]> {
  const homeserver = await startSoundMas(options);
  return (await check(homeserver, await spoil(homeserver))).findings;
}

/** One has an account that MAS does not know, the other signed in with another subject before. */
async function sayOfPeople(): Promise<readonly string[]> {
  const homeserver = await startSoundMas();
  const { mas, world, providerId } = homeserver;
  world.register('old');
  mas.signIn(providerId, { subject: 'a-subject', username: 'ann' });
  const { provider, settle, close, dataDir } = await startUsher(homeserver, {});
  for (const userName of ['old', 'ann']) await provider.createUser({ userName });
  await settle();
  const folder = `${dataDir}/..`;
  const { stdout } = await usher(['conflicts'], envFor(homeserver, folder));
  await close();
  return [stdout, ...(await check(homeserver, {}, folder)).findings];
}

async function sayOfKeptToken(): Promise<readonly string[]> {
  let passedMs = 0;
  const homeserver = await startSoundMas({ now: () => Date.now() + passedMs });
  const { settle, close, dataDir } = await startUsher(homeserver, {});
  await settle();
  await close();
  const { personalSessions } = homeserver.mas;
  for (const session of personalSessions.all()) personalSessions.revoke(session);
  passedMs = 121_000;
  return (await check(homeserver, {}, `${dataDir}/..`)).findings;
}
