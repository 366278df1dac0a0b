import { describe, expect, it } from 'vitest';
import { expectAccessible, openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { dismiss, membersOf, startStage } from '../support/console/stage.ts';

const EVERYBODY = ['ann', 'bob', 'cem', 'eva', 'fay', 'gus', 'hal', 'mod'];

describe('the page of what is held', () => {
  it('shows the plan with numbers and names, and lets it happen', async () => {
    const stage = await startStage();
    await dismiss(stage);
    expect(membersOf(stage, 'eng')).toEqual(EVERYBODY);
    const page = await openPage(stage, '/held', 'Held');
    await page.getByText('4 removals from 1 room').first().waitFor();
    for (const name of ['cem', 'eva', 'fay', 'gus']) {
      await page.getByText(`remove @${name}:usher.test from #eng:usher.test`).waitFor();
    }
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Approve: let it happen' }).click();
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Approved: 4 removals from 1 room.').waitFor();
    await expect
      .poll(() => membersOf(stage, 'eng'), { timeout: 10_000 })
      .toEqual(['ann', 'bob', 'hal', 'mod']);
    await page.reload();
    await page.getByText('Nothing is held, and nothing waits for you.').waitFor();
  });

  it('keeps them when that is decided, and lists it as rejected', async () => {
    const stage = await startStage();
    await dismiss(stage);
    const page = await openPage(stage, '/held', 'Held');
    await page.getByRole('button', { name: 'Reject: keep them' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
    await page.getByText('Rejected: 4 removals from 1 room.').waitFor();
    await page.getByText('rejected', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Reject: keep them' }).count()).toBe(0);
    await stage.usher.resync();
    expect(membersOf(stage, 'eng')).toEqual(EVERYBODY);
  });

  it('does nothing when the plan has changed since it was shown', async () => {
    const stage = await startStage();
    await dismiss(stage);
    const page = await openPage(stage, '/held', 'Held');
    await page.getByText('4 removals from 1 room').first().waitFor();
    await stage.usher.provider.removeMembers(stage.ids.Engineering ?? '', stage.ids.bob ?? '');
    await stage.usher.resync();
    await page.getByRole('button', { name: 'Approve: let it happen' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'it may have changed' }).waitFor();
    expect(membersOf(stage, 'eng')).toEqual(EVERYBODY);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('5 removals from 1 room').first().waitFor();
  });

  it('has no button for who may only look', async () => {
    const stage = await startStage();
    await dismiss(stage);
    const page = await openBrowser(stage.usher.url);
    await signIn(page, await stage.issue('rita', 'admin:read'), '/console/held');
    await page.getByText('remove @cem:usher.test from #eng:usher.test').waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
  });
});
