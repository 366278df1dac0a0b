import { describe, expect, it } from 'vitest';
import { expectAccessible, openPage } from '../support/console/browser.ts';
import { startStage } from '../support/console/stage.ts';

const row = (name: string) => ({ name: new RegExp(`^${name} `) });

describe('the pages of groups', () => {
  it('tell those that open rooms from those that open none', async () => {
    const page = await openPage(await startStage(), '/groups', 'Groups');
    await page.getByRole('row', row('Engineering')).waitFor();
    await expectAccessible(page);
    await page.getByLabel('Show').selectOption('no');
    await page.getByRole('row', row('Engineering')).waitFor({ state: 'detached' });
    await page.getByRole('row', row('Chess club')).waitFor();
    await page.getByLabel('Search').fill('engi');
    await page.getByText('No group is like that.').waitFor();
  });

  it('lead to the map for a group that opens none, and show who is in it', async () => {
    const page = await openPage(await startStage(), '/groups', 'Groups');
    await page.getByRole('link', { name: 'Chess club' }).click();
    await page.getByRole('heading', { level: 1, name: 'Chess club' }).waitFor();
    await page.getByRole('link', { name: 'Put it into the group map' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Jon Jay' }).click();
    await page.getByRole('heading', { level: 1, name: 'Jon Jay' }).waitFor();
  });

  it('show the rooms that a group opens, with their terms', async () => {
    const stage = await startStage();
    const page = await openPage(stage, `/groups/${stage.ids.Leads}`, 'Leads');
    await page.getByRole('row', { name: '#leads:usher.test name:Leads granted, power level 50' }).waitFor();
  });
});

describe('the pages of rooms', () => {
  it('say which room has a problem', async () => {
    const page = await openPage(await startStage(), '/rooms', 'Rooms');
    await page.getByRole('row', { name: /^#ghost:usher.test Leads 0 .* has a problem/ }).waitFor();
    await page.getByRole('row', { name: /^#eng:usher.test Engineering 7 .* well$/ }).waitFor();
    await expectAccessible(page);
  });

  it('say who is to be in a room and who is', async () => {
    const stage = await startStage();
    const page = await openPage(stage, '/rooms', 'Rooms');
    await page.getByRole('link', { name: '#eng:usher.test' }).click();
    const entitled = page.getByRole('table', { name: 'Who is to be in it' });
    await entitled.getByRole('row', { name: 'Hal Hare hal Engineering in Why Hal Hare?' }).waitFor();
    expect(await entitled.getByRole('row').count()).toBe(8);
    const occupants = page.getByRole('table', { name: 'Who is in it' });
    await occupants.getByRole('row', { name: /^@mod:usher.test by no group creator/ }).waitFor();
    await occupants.getByRole('row', { name: /^@usher:usher.test the bot/ }).waitFor();
    expect(await occupants.getByRole('row').count()).toBe(10);
    await expectAccessible(page);
  });

  it('say so when the homeserver does not answer', async () => {
    const stage = await startStage();
    await stage.simulated.stop();
    const page = await openPage(stage, `/rooms/${encodeURIComponent('#eng:usher.test')}`, '#eng:usher.test');
    await page.getByText('The homeserver does not answer').waitFor();
    await page.getByRole('row', { name: /^Hal Hare hal Engineering not known/ }).waitFor();
  });
});
