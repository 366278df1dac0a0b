import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import { type Stage, setStage } from './stage.ts';
import { runProgram } from './suites.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const FEATURES = ['sort', 'etag', 'bulk'];

describe('scim2-client', () => {
  it('takes each answer, finds in it what it asked for, and whatever is announced', async () => {
    const stage = await setStage();
    const checks = await runProgram('client.py', stage.scim);
    const config = await stage.send('GET', '/ServiceProviderConfig');
    const announced = FEATURES.filter((feature) => Object(config[feature]).supported === true);
    const looked = FEATURES.filter((feature) =>
      checks.some((check) => check.name.startsWith(`${feature}: `)),
    );
    expect(looked).toEqual(announced);
    const mode = ['users', 'groups', 'lists', ...announced].join(', ');
    judge({ suite: 'scim2-client', mode, checks, atLeast: 100 });
    await stage.expectSoundness();
  });

  describe('asks for users and groups at once', () => {
    const bothOf = async (ask: (stage: Stage, filter: string) => Promise<object>) => {
      const stage = await setStage();
      await stage.send('POST', '/Users', { schemas: [`${CORE}:User`], userName: 'ann' });
      await stage.send('POST', '/Groups', { schemas: [`${CORE}:Group`], displayName: 'guides' });
      expect(await ask(stage, 'id pr')).toMatchObject({ totalResults: 2 });
      expect(await ask(stage, 'userName eq "ann" or members pr')).toMatchObject({ totalResults: 1 });
      expect(await ask(stage, 'not (userName eq "ann")')).toMatchObject({ totalResults: 1 });
      expect(await ask(stage, 'userName eq "ann" or displayName eq "guides"')).toMatchObject({
        totalResults: 2,
      });
    };

    // RFC 7644 §3.4.2.1: "For filtered attributes that are not part of a particular resource type, the service
    // provider SHALL treat the attribute as if there is no attribute value."
    it('by POST to /.search', () => bothOf(({ send }, filter) => send('POST', '/.search', { filter })));

    // The same section: "Queries MAY be performed against a SCIM resource object, a resource type endpoint, or a SCIM
    // server root." scim2-client's query() and scim2-cli's query without a type do.
    it('by GET of the root', () =>
      bothOf(({ send }, filter) => send('GET', `/?filter=${encodeURIComponent(filter)}`)));
  });
});
