import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { surveyDesk } from '../support/survey-desk.ts';

const MAP = { ops: { admin: true } };
const about = (told: readonly string[]) => told.filter((line) => line.includes('server admin'));

describe('a survey of the server admins', () => {
  it('finds who is to be one, also by a group inside the group, and once', async () => {
    const { person, group, survey } = await surveyDesk();
    const [ann, bob] = [await person('ann'), await person('bob')];
    const inner = await group('inner', bob.id);
    await group('ops', ann.id, bob.id, inner);
    expect(about((await survey(MAP)).told)).toEqual([
      'bulk ann: full pass: a group makes her a server admin',
      'bulk bob: full pass: a group makes her a server admin',
    ]);
  });

  it('finds who is one by us and is not to be any more, above all who is gone', async () => {
    const { person, group, remove, survey, homeserver } = await surveyDesk();
    const link = { isAdmin: true };
    const [ann, bob, cyd] = [
      await person('ann', {}, link),
      await person('bob', { active: false }, link),
      await person('cyd', {}, link),
    ];
    for (const { account } of [ann, bob, cyd]) await homeserver.setAdmin(account, true);
    await remove(cyd.id);
    await group('ops', bob.id);
    expect(about((await survey(MAP)).told).toSorted()).toEqual([
      'removal ann: full pass: no group makes her a server admin any more',
      'removal bob: full pass: no group makes her a server admin any more',
      'removal cyd: full pass: no group makes her a server admin any more',
    ]);
  });

  it('finds from whom somebody took it, and nobody who is as she is to be', async () => {
    const { person, group, survey, homeserver } = await surveyDesk();
    const [ann, bob] = [
      await person('ann', {}, { isAdmin: true }),
      await person('bob', {}, { isAdmin: true }),
    ];
    await group('ops', ann.id, bob.id);
    await homeserver.setAdmin(ann.account, true);
    expect(about((await survey(MAP)).told)).toEqual([
      'bulk bob: full pass: the account was no server admin any more (changed by somebody)',
    ]);
  });

  it('looks at all who share an account', async () => {
    const { person, group, survey } = await surveyDesk();
    const ann = await person('ann');
    await person('ann2', {}, { account: ann.account });
    await group('ops', ann.id);
    expect(about((await survey(MAP)).told)).toHaveLength(2);
  });

  const BREAKS = {
    admins: async () => {
      throw new HomeserverError('failed', 'broke off');
    },
  };
  it('asks the homeserver only if the map makes somebody one, or did', async () => {
    const { person, group, survey } = await surveyDesk();
    const { id } = await person('ann', {}, { isAdmin: false });
    await group('ops', id);
    expect((await survey({}, { faults: BREAKS })).problems).toEqual([]);
    expect((await survey(MAP, { faults: BREAKS })).problems).toEqual([
      { target: 'the list of server admins', message: 'the list of server admins: broke off' },
    ]);
  });
});
