import { describe, expect, it } from 'vitest';
import { sayOfAccounts } from '../support/symptoms/accounts.ts';
import { sayOfDatabase } from '../support/symptoms/database.ts';
import { sayOfHolds } from '../support/symptoms/holds.ts';
import { sayOfHomeserver } from '../support/symptoms/homeserver.ts';
import { sayOfMap } from '../support/symptoms/map.ts';
import { sayOfMas } from '../support/symptoms/mas.ts';
import { flat, quotesOf } from '../support/symptoms/page.ts';
import { sayOfPeople } from '../support/symptoms/people.ts';
import { sayToProviders } from '../support/symptoms/provider.ts';
import { sayOfReports } from '../support/symptoms/reports.ts';
import { sayOfRooms } from '../support/symptoms/rooms.ts';
import { saySignIn } from '../support/symptoms/sign-in.ts';
import { sayAtStart } from '../support/symptoms/start.ts';

const QUOTES = quotesOf(new URL('../../docs/troubleshooting.md', import.meta.url));

/** What has Usher say the messages of a section. */
const SCENES: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'Usher does not start': sayAtStart,
  "The homeserver and the bot's token": sayOfHomeserver,
  'The Matrix Authentication Service': sayOfMas,
  'The provider gets an error': sayToProviders,
  'Somebody is not in a room, or still is': sayOfPeople,
  Accounts: sayOfAccounts,
  Rooms: sayOfRooms,
  'The group map': sayOfMap,
  'What is held': sayOfHolds,
  'Disk and database': sayOfDatabase,
  'Reports and events': sayOfReports,
  'Signing in to the console': saySignIn,
};

describe('docs/troubleshooting.md', { timeout: 60_000 }, () => {
  it('has messages in the sections that a scene is for, and in no other', () => {
    expect([...QUOTES.keys()].toSorted()).toEqual(Object.keys(SCENES).toSorted());
    expect([...QUOTES.values()].flat().length).toBeGreaterThan(90);
  });

  it.each(Object.entries(SCENES))('quotes under "%s" what Usher says', async (section, scene) => {
    const said = (await scene()).map(flat);
    const quotes = QUOTES.get(section) ?? [];
    expect(quotes.length).toBeGreaterThan(2);
    const unsaid = quotes.filter(({ pattern }) => !said.some((text) => pattern.test(text)));
    expect(unsaid.map(({ text }) => text)).toEqual([]);
  });
});
