import { describe, expect, it, onTestFinished } from 'vitest';
import { userId } from '../../src/matrix/ids.ts';
import { openStoreBeside } from '../../src/store/sqlite/open-store.ts';
import { expectAccessible, openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { membersOf, startStage } from '../support/console/stage.ts';

const row = (name: string) => ({ name: new RegExp(`^${name} `) });

describe('the page of people', () => {
  it('finds people while one types, and again after the page is loaded anew', async () => {
    const page = await openPage(await startStage(), '/people', 'People');
    await page.getByRole('row', row('Ann Ant')).waitFor();
    await page.getByLabel('Search').pressSequentially('fay@ex');
    await page.getByRole('row', row('Ann Ant')).waitFor({ state: 'detached' });
    await page.getByRole('row', row('Fay Finch')).waitFor();
    expect(new URL(page.url()).search).toBe('?search=fay%40ex');
    await page.reload();
    await page.getByRole('row', row('Fay Finch')).waitFor();
    expect(await page.getByLabel('Search').inputValue()).toBe('fay@ex');
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByLabel('Search').fill('nobody');
    await page.getByText('Nobody is called by something that begins with “nobody”.').waitFor();
    await expectAccessible(page);
  });

  it('shows more people when asked to', async () => {
    const stage = await startStage();
    for (let each = 0; each < 50; each += 1) {
      await stage.usher.provider.createUser({ userName: `zoe${String(each).padStart(2, '0')}` });
    }
    const page = await openPage(stage, '/people', 'People');
    await page.getByRole('row', row('Ann Ant')).waitFor();
    expect(await page.getByRole('row').count()).toBe(51);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByRole('row', row('zoe49')).waitFor();
    expect(await page.getByRole('row').count()).toBe(61);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  });

  it('leads to the reason why somebody is in a room', async () => {
    const page = await openPage(await startStage(), '/people', 'People');
    await page.getByRole('link', { name: 'Hal Hare' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hal Hare' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: '#eng:usher.test' }).click();
    await page.getByRole('heading', { level: 1, name: 'Is Hal Hare in #eng:usher.test?' }).waitFor();
    await page
      .getByText('is in #eng:usher.test because she is in Interns, which is in Engineering')
      .waitFor();
    await expectAccessible(page);
  });

  it('explains a room that does not concern somebody, and says if there is no such room', async () => {
    const page = await openPage(await startStage(), '/people/jon', 'Jon Jay');
    await page.getByLabel('Why is she in a room, or not?').fill('#eng:usher.test');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('is not in #eng:usher.test').first().waitFor();
    await page.getByRole('link', { name: 'Back to the person' }).click();
    await page.getByLabel('Why is she in a room, or not?').fill('#nowhere:usher.test');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('alert').filter({ hasText: '#nowhere:usher.test' }).waitFor();
  });
});

describe('the page of conflicts', () => {
  it('links an account to whose it is, and she gets her rooms', async () => {
    const stage = await startStage();
    const page = await openPage(stage, '/people?failing=yes', 'People');
    await page.getByRole('row', row('Dee Deer')).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByRole('link', { name: 'Conflicts' }).click();
    expect(membersOf(stage, 'lobby')).not.toContain('dee');
    await page.getByRole('button', { name: 'link @dee:usher.test to Dee Deer' }).click();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Link', exact: true }).click();
    await page.getByText('Nobody is in conflict.').waitFor();
    await stage.usher.settle();
    await expect.poll(() => membersOf(stage, 'lobby')).toContain('dee');
  });

  it('lists who was unlinked from an account that was not hers, and says what stays on it', async () => {
    const stage = await startStage();
    const page = await openPage(stage, '/people/ann', 'Ann Ant');
    await page.getByRole('button', { name: 'Not hers: unlink @ann:usher.test from Ann Ant' }).click();
    await expectAccessible(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Not hers: unlink @ann:usher.test from Ann Ant' }).click();
    // Else she would be found to have it, by the external id.
    const account = userId('ann', 'usher.test');
    await stage.simulated.homeserver.updateAccount(account, { externalIds: [] });
    await dialog.getByRole('button', { name: 'Unlink' }).click();
    await dialog.getByText(/^Her external id uid-ann is on the account: take it off in Synapse/).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await stage.usher.settle();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('link', { name: 'Conflicts' }).click();
    await page.getByRole('row', row('Ann Ant')).waitFor();
    await page.getByRole('button', { name: 'It is hers: link @ann:usher.test to Ann Ant' }).waitFor();
    expect(membersOf(stage, 'lobby')).toContain('ann');
  });

  it('unlinks who is in conflict about an account that was hers', async () => {
    const stage = await startStage();
    const externalIds = [{ provider: 'oidc-idp', id: 'somebody' }];
    await stage.simulated.homeserver.updateAccount(userId('ann', 'usher.test'), { externalIds });
    // Whatever has her looked at.
    await stage.usher.provider.addMembers(stage.ids.Chess ?? '', stage.ids.ann ?? '');
    await stage.usher.settle();
    const page = await openPage(stage, '/conflicts', 'Conflicts');
    await page.getByRole('button', { name: 'Not hers: unlink @ann:usher.test from Ann Ant' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    const store = openStoreBeside(stage.usher.dataDir);
    onTestFinished(() => store.close());
    expect(await store.people.linksOf(userId('ann', 'usher.test'))).toEqual([]);
  });

  it('has no button for who may only look', async () => {
    const stage = await startStage();
    const page = await openBrowser(stage.usher.url);
    await signIn(page, await stage.issue('rita', 'admin:read'), '/console/conflicts');
    await page.getByRole('row', row('Dee Deer')).waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    await page.goto('/console/people/ann');
    await page.getByText('@ann:usher.test').first().waitFor();
    expect(await page.getByRole('button', { name: 'unlink' }).count()).toBe(0);
  });
});
