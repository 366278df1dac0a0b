import { expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { createStepLog } from '../../src/reconcile/steps.ts';
import { NOW, surveyDesk } from '../support/survey-desk.ts';

const ROUTINE = 'full pass';

it('users who have no account need a look', async () => {
  const { user, survey } = await surveyDesk();
  await user('ann');
  expect((await survey({})).told).toEqual([`bulk ann: ${ROUTINE}`]);
});

it('accounts that are not as they are to be need a look: those of who left first', async () => {
  const { person, survey } = await surveyDesk();
  await person('back', {}, { restriction: 'suspend', inactiveSince: NOW });
  await person('left', { active: false });
  await person('away', { active: false }, { inactiveSince: NOW });
  expect((await survey({})).told).toEqual([`removal left: ${ROUTINE}`, `bulk back: ${ROUTINE}`]);
});

it('whoever has an account of which a step was begun and not ended needs a look', async () => {
  const { person, survey, store } = await surveyDesk();
  const ann = await person('ann');
  await person('bob');
  await person('gone', { active: false }, { account: ann.account, inactiveSince: NOW });
  await createStepLog(store).begin(ann.account, []);
  const { told } = await survey({});
  const begun = told.filter((line) => line.startsWith('removal'));
  expect(begun).toEqual([`removal ann: ${ROUTINE}`, `removal gone: ${ROUTINE}`]);
  await createStepLog(store).end(ann.account);
  expect((await survey({})).told.filter((line) => line.startsWith('removal'))).toEqual([]);
});

it('accounts that somebody changed on the homeserver need a look, and it is said what was changed', async () => {
  const { person, survey, homeserver, link, user } = await surveyDesk();
  const ann = await person('ann', { displayName: 'Ann' });
  await homeserver.updateAccount(ann.account, { displayName: 'Anna' });
  expect((await survey({})).told).toEqual([
    `bulk ann: ${ROUTINE}: the account has the display name "Anna" instead of "Ann" (changed by somebody)`,
  ]);
  await homeserver.updateAccount(ann.account, { displayName: 'Ann' });
  await link(await user('lost'), '@lost:usher.test' as typeof ann.account);
  expect((await survey({})).told).toEqual([
    `bulk lost: ${ROUTINE}: the account is not on the homeserver any more (changed by somebody)`,
  ]);
});

it('a list of accounts that can’t be read is a problem, after those of the rooms', async () => {
  const { survey, user } = await surveyDesk();
  await user('ann');
  const accounts = async function* () {
    yield* [];
    throw new HomeserverError('refused', 'no list');
  };
  expect(await survey({ eng: ['!unknown:usher.test'] }, { faults: { accounts } })).toEqual({
    problems: [
      { target: '!unknown:usher.test', message: expect.any(String) },
      { target: 'the list of accounts', message: 'the list of accounts: no list' },
    ],
    ...{ told: [`bulk ann: ${ROUTINE}`], rooms: [] },
  });
});
