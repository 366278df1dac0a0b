import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectAccessible, openPage } from '../support/console/browser.ts';
import { startStage } from '../support/console/stage.ts';

describe('the journal', () => {
  it('shows what happens while one looks on', async () => {
    const stage = await startStage();
    const page = await openPage(stage, '/journal', 'Journal');
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText('create account @ann:usher.test').waitFor();
    await stage.usher.provider.createUser({ userName: 'kim' });
    await page.getByText('create account @kim:usher.test').waitFor();
    await page.getByText('join @kim:usher.test to #lobby:usher.test').waitFor();
    expect(await page.getByText('create account @kim:usher.test').count()).toBe(1);
    await expectAccessible(page);
  });

  it('shows only what was asked for', async () => {
    const page = await openPage(await startStage(), '/journal', 'Journal');
    await page.getByText('create account @ann:usher.test').waitFor();
    await page.getByLabel('Action').selectOption('join');
    await page.getByText('create account @ann:usher.test').waitFor({ state: 'detached' });
    await page.getByLabel('Account').fill('ida');
    await page.getByLabel('Room').fill('#leads:usher.test');
    await page.getByText('join @ida:usher.test to #leads:usher.test').waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await page.getByLabel('Room').fill('#nowhere:usher.test');
    await page.getByRole('alert').filter({ hasText: '#nowhere:usher.test' }).waitFor();
  });

  it('is exported as it is searched', async () => {
    const page = await openPage(await startStage(), '/journal?action=join', 'Journal');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    const entries = lines.map((line) => JSON.parse(line) as { readonly action: string });
    // Nine people are let into the lobby, seven into #eng and one into #leads.
    expect(entries).toHaveLength(17);
    expect(new Set(entries.map(({ action }) => action))).toEqual(new Set(['join']));
  });
});
