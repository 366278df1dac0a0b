import { expect, it } from 'vitest';
import { openMasStage } from '../support/homeserver/mas-stage.ts';
import { startUsher } from '../support/usher.ts';

it('takes nobody for somebody else whose name differs in case alone, though MAS does', async () => {
  const stage = await openMasStage();
  const { mas, owner, account, subjectsOf, entered } = stage;
  // As from before there was a MAS: no such name can be made today.
  mas.users.add('Ann');
  const room = await owner.createRoom();
  const usher = await startUsher(stage.reached, { '*': room }, { env: { EXISTING_ACCOUNTS: 'adopt' } });
  await usher.provider.createUser({ userName: 'ann', email: 'ann@example.org' });
  await usher.provider.createUser({ userName: 'bob' });
  await usher.settle();
  expect([subjectsOf('Ann'), stage.emailsOf('Ann')]).toEqual([[], []]);
  expect(entered('ann')).not.toBe(account('Ann'));
  expect(entered('bob')).toBe(account('bob'));
});
