import type { Page, Request } from 'playwright-core';
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

/** Keeps the answers of such requests back, until it is told to let them go. */
async function keepBack(page: Page, url: string, of: (request: Request) => boolean): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(url, async (route) => {
    if (of(route.request())) await promise;
    await route.continue();
  });
  return resolve;
}

const isPut = (request: Request) => request.method() === 'PUT';

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

  it('says that it could not check, and nothing of what is not checked', async () => {
    const page = await openPage(await stageWithMap(), '/map', 'Group map');
    await page.getByText('Nothing is wrong in it.').waitFor();
    await page.route('**/map/check', (route) => route.abort());
    await write(page, '{ "*": 7 }');
    await page.getByText('It could not be checked now.').waitFor();
    expect(await page.getByText('Nothing is wrong in it.').count()).toBe(0);
  });

  it('lists what is wrong in the newest text, whichever answer comes last', async () => {
    const page = await openPage(await stageWithMap(), '/map', 'Group map');
    await page.getByText('Nothing is wrong in it.').waitFor();
    const isSlow = (request: Request) => request.postData()?.includes('slow') === true;
    const release = await keepBack(page, '**/map/check', isSlow);
    const asked = page.waitForRequest(isSlow);
    await write(page, '{} // slow');
    const late = (await asked).response();
    await write(page, '{ "*": 7 }');
    const mark = page.getByRole('status').getByText('7 is not a room');
    await mark.waitFor();
    release();
    await (await late)?.finished();
    await page.evaluate('new Promise((done) => setTimeout(done, 200))');
    expect(await mark.count()).toBe(1);
  });

  it('shows each line of a file whose lines end in two ways', async () => {
    const stage = await stageWithMap();
    stage.usher.writeMap(MAP.replace('\n', '\r\n'));
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    expect(await editor(page).locator('.cm-line').count()).toBe(MAP.split('\n').length);
    expect(await page.getByText('Save comes after').count()).toBe(0);
  });

  it('leaves a file the ends of lines that it has', async () => {
    const stage = await stageWithMap();
    stage.usher.writeMap(MAP.replaceAll('\n', '\r\n'));
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').click();
    await page.keyboard.press('End');
    await page.keyboard.type(' of us');
    await page.keyboard.press('Enter');
    await lookAtPlan(page);
    const saved = page.waitForRequest(isPut);
    await save(page).click();
    const { text } = (await saved).postDataJSON();
    await page.getByText('The map is saved').waitFor();
    expect(text).toContain('// Everybody of us\r\n');
    expect(text).not.toMatch(/(?<!\r)\n/);
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

  it('keeps what is typed while a save runs, and all that can be undone', async () => {
    const page = await openPage(await stageWithMap(), '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    const release = await keepBack(page, '**/map', isPut);
    await write(page, MAP.replace('Everybody', 'All of us'));
    await lookAtPlan(page);
    await save(page).click();
    await editor(page).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('// More');
    release();
    await page.getByText('The map is saved').waitFor();
    await page.getByRole('cell', { name: 'admin', exact: true }).waitFor();
    await page.keyboard.type(' of it');
    await editor(page).getByText('// More of it').waitFor();
    await page.reload();
    await editor(page).getByText('// More of it').waitFor();
    await page.getByText('Save comes after a look').waitFor();
    expect(await page.getByText('Somebody else changed').count()).toBe(0);
  });

  it('undoes what was saved', async () => {
    const page = await openPage(await stageWithMap(), '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    await write(page, MAP.replace('Everybody', 'All of us'));
    await lookAtPlan(page);
    await save(page).click();
    await page.getByText('The map is saved').waitFor();
    await editor(page).click();
    await page.keyboard.press('Control+z');
    await editor(page).getByText('// Everybody').waitFor();
  });

  it('takes what somebody else wrote when nothing of mine is left', async () => {
    const stage = await stageWithMap();
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    const release = await keepBack(page, '**/map', isPut);
    await write(page, MAP.replace('Everybody', 'All of us'));
    await lookAtPlan(page);
    stage.usher.writeMap(MAP.replace('Everybody', 'Theirs'));
    await save(page).click();
    await editor(page).click();
    await page.keyboard.press('Control+z');
    await editor(page).getByText('// Everybody').waitFor();
    release();
    await editor(page).getByText('// Theirs').waitFor();
    await expect.poll(() => page.getByText('Somebody else changed').count()).toBe(0);
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

  it('says so when two maps have too little in common to compare them', async () => {
    const stage = await stageWithMap();
    const comments = (word: string) =>
      MAP + Array.from({ length: 8_000 }, (_, index) => `// ${word} ${index}\n`).join('');
    const page = await openPage(stage, '/map', 'Group map');
    await editor(page).getByText('// Everybody').waitFor();
    stage.usher.writeMap(comments('theirs'));
    const draft = JSON.stringify({ text: comments('mine'), version: 'of before' });
    await page.evaluate(`sessionStorage.setItem('usher-map-draft', ${JSON.stringify(draft)})`);
    await page.reload();
    await page.getByText('They differ too much to show it here.').waitFor();
  });

  it('takes a group that opens nothing by one click', async () => {
    const page = await openPage(await startStage(), '/groups', 'Groups');
    await page.getByRole('link', { name: 'Put it into the map' }).first().waitFor();
    await page.getByRole('link', { name: 'Chess club' }).click();
    await page.getByRole('link', { name: 'Put it into the group map' }).click();
    await page.getByRole('heading', { level: 1, name: 'Group map' }).waitFor();
    await editor(page).getByText('"ext-chess": []').waitFor();
    // And once only.
    await write(page, '{ "*": [] }');
    await expect
      .poll(() => page.evaluate("sessionStorage.getItem('usher-map-draft')"))
      .toContain('{ \\"*\\": [] }');
    await page.reload();
    await editor(page).getByText('"*": []').waitFor();
    expect(await editor(page).getByText('ext-chess').count()).toBe(0);
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
