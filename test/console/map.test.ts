import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible, openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { membersOf, startStage } from '../support/console/stage.ts';

const MAP = `{
  // Everybody
  "*": "#lobby:usher.test",
  "name:Engineering": "#eng:usher.test"
}
`;

const editor = (page: Page) => page.getByRole('textbox', { name: 'The group map' });

/** Types over all that is there. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

const lookAtPlan = (page: Page) => page.getByRole('button', { name: 'Show what this would do' }).click();
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });

async function stageWithMap() {
  const stage = await startStage();
  stage.usher.writeMap(MAP);
  // Which is seen once it is in force: it opens #leads to nobody.
  await expect.poll(() => membersOf(stage, 'leads'), { timeout: 20_000 }).not.toContain('ida');
  return stage;
}

describe('the editor of the group map', () => {
  it('shows the file with its comments, and what is wrong at its line while somebody types', async () => {
    const page = await openPage(await stageWithMap(), '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    await page.getByText('Nothing is wrong in it.').waitFor();
    await write(page, '{\n  "*": 7\n}');
    const mark = page.getByRole('status').getByText('7 is not a room');
    await mark.waitFor();
    expect(await mark.textContent()).toContain('Line 2');
    await expectAccessible(page);
  });

  it('shows what an edit would do before it can be saved, and then does it', async () => {
    const stage = await stageWithMap();
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    await write(page, MAP.replace('"#eng:usher.test"', '["#eng:usher.test", "#leads:usher.test"]'));
    expect(await save(page).isDisabled()).toBe(true);
    await lookAtPlan(page);
    const plan = page.getByRole('region', { name: 'What it would do' });
    await plan.getByText('0 removed, 7 added, 0 other changes.').waitFor();
    await plan.getByText('#leads:usher.test: 0 removed, 7 added').waitFor();
    await plan.getByText('join @ann:usher.test to #leads:usher.test (Engineering)').waitFor();
    await expectAccessible(page);
    expect(membersOf(stage, 'leads')).not.toContain('ann');
    await save(page).click();
    await page.getByText('The map is saved, and in force within seconds.').waitFor();
    await expect.poll(() => membersOf(stage, 'leads'), { timeout: 20_000 }).toContain('ann');
    await page.getByRole('cell', { name: 'admin', exact: true }).waitFor();
  });

  it('completes groups and rooms that exist', async () => {
    const page = await openPage(await stageWithMap(), '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    await write(page, '{\n  ""\n}');
    await page.keyboard.press('Control+Home');
    for (const key of ['ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key);
    await page.keyboard.type('Che');
    await page.getByRole('option', { name: 'ext-chess Chess club' }).click();
    await editor(page).getByText('"ext-chess"').waitFor();
    await page.keyboard.press('End');
    await page.keyboard.type(': "#lo"');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('b');
    await page.getByRole('option', { name: '#lobby:usher.test' }).click();
    await editor(page).getByText('"ext-chess": "#lobby:usher.test"').waitFor();
  });

  it('keeps what was typed when somebody else was quicker, and over a reload', async () => {
    const stage = await stageWithMap();
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    await write(page, MAP.replace('Everybody', 'All of us'));
    await lookAtPlan(page);
    await page.getByRole('heading', { name: 'What it would do' }).waitFor();
    stage.usher.writeMap(MAP.replace('Everybody', 'Theirs'));
    await save(page).click();
    await page.getByText('Somebody else changed the map since you began').waitFor();
    await page.locator('del', { hasText: '// Theirs' }).waitFor();
    await page.locator('ins', { hasText: '// All of us' }).waitFor();
    await page.reload();
    await editor(page).getByText('// All of us').waitFor();
    await page.getByRole('button', { name: 'Keep mine, and save over theirs' }).click();
    await lookAtPlan(page);
    await save(page).click();
    await page.getByText('The map is saved').waitFor();
  });

  it('leads back to a map that was in force', async () => {
    const stage = await stageWithMap();
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    await write(page, '{ "*": [] }');
    await lookAtPlan(page);
    await save(page).click();
    await page.getByText('The map is saved').waitFor();
    await page.getByRole('cell', { name: 'admin', exact: true }).waitFor();
    await page
      .getByRole('row')
      .filter({ hasText: 'the file' })
      .first()
      .getByRole('button', { name: 'Show' })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('// Everybody').first().waitFor();
    await dialog.locator('del', { hasText: '-{ "*": [] }' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take it into the editor' }).click();
    await editor(page).getByText('// Everybody').waitFor();
  });

  it('takes a group that opens nothing by one click', async () => {
    const page = await openPage(await startStage(), '/groups', 'Groups');
    await page.getByRole('link', { name: 'Put it into the map' }).first().waitFor();
    await page.getByRole('link', { name: 'Chess club' }).click();
    await page.getByRole('link', { name: 'Put it into the group map' }).click();
    await page.getByRole('heading', { level: 1, name: 'Group map' }).waitFor();
    await editor(page).getByText('"ext-chess": []').waitFor();
  });

  it('lets who may only look try an edit, and not save it', async () => {
    const stage = await stageWithMap();
    const page = await openBrowser(stage.usher.url);
    await signIn(page, await stage.issue('reader', 'admin:read'), '/console/map');
    await page.getByText('you have admin:read').waitFor();
    await editor(page).getByText('// Everybody').waitFor();
    await write(page, '{ "name:Leads": "#leads:usher.test" }');
    await lookAtPlan(page);
    await page.getByText('#leads:usher.test: 0 removed, 1 added').waitFor();
    expect(await save(page).count()).toBe(0);
  });

  it('says beforehand that a map which is a setting is not saved from here, and where to write it', async () => {
    const stage = await startStage({
      env: { GROUP_MAP_FILE: '', IDP_GROUP_TO_ROOM: '{ "*": "#lobby:usher.test" }' },
    });
    const page = await openPage(stage, '/map', 'Group map');
    await page.getByText('set GROUP_MAP_FILE instead').waitFor();
    expect(await save(page).count()).toBe(0);
    await expectAccessible(page);
  });
});
