import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { expectAccessible, openBrowser, signIn } from '../support/console/browser.ts';
import { type Stage, startStage } from '../support/console/stage.ts';

async function openTokens(): Promise<{ readonly stage: Stage; readonly page: Page }> {
  const stage = await startStage();
  const page = await openBrowser(stage.usher.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await signIn(page, await stage.issue('ann', 'admin'), '/console/tokens');
  await page.getByRole('heading', { level: 1, name: 'Tokens' }).waitFor();
  return { stage, page };
}

/** What the service answers to a provider with this secret. */
async function statusWith({ usher }: Stage, secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await fetch(`${usher.url}/scim/v2/Users?count=0`, { headers })).status;
}

/** Makes a token in the page and returns its secret, as it was copied. */
async function make(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Make the token' }).click();
  return takeSecret(page, name);
}

async function takeSecret(page: Page, name: string): Promise<string> {
  const dialog = page.getByRole('dialog', { name: `The secret of ${name}` });
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByRole('button', { name: 'Copied' }).waitFor();
  await expectAccessible(page);
  const secret: string = await page.evaluate('navigator.clipboard.readText()');
  await dialog.getByRole('button', { name: 'I have it' }).click();
  await dialog.waitFor({ state: 'detached' });
  return secret;
}

describe('the page of tokens', () => {
  it('makes a token that works, shows its secret once, and lists it', async () => {
    const { stage, page } = await openTokens();
    const secret = await make(page, 'okta');
    expect(await statusWith(stage, secret)).toBe(200);
    await page.getByRole('row', { name: /^okta good scim default/ }).waitFor();
    expect(await page.content()).not.toContain(secret);
    await page.reload();
    await page.getByRole('row', { name: /^okta/ }).waitFor();
    expect(await page.content()).not.toContain(secret);
    await expectAccessible(page);
  });

  it('keeps the secret on the page when Escape is pressed', async () => {
    const { page } = await openTokens();
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('okta');
    await page.getByRole('button', { name: 'Make the token' }).click();
    const dialog = page.getByRole('dialog', { name: 'The secret of okta' });
    await dialog.waitFor();
    for (let press = 0; press < 3; press += 1) await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(true);
    await page.evaluate('document.querySelector("dialog").close()');
    await dialog.getByRole('button', { name: 'Copy' }).click();
    expect(await dialog.isVisible()).toBe(true);
  });

  it('says at the field what is wrong with it', async () => {
    const { page } = await openTokens();
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('okta');
    await page.getByLabel('Only from').fill('10.0.0.0/99');
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Only from').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('Name').inputValue()).toBe('okta');
    await expectAccessible(page);
  });

  it('disables, enables and revokes a token', async () => {
    const { stage, page } = await openTokens();
    const secret = await make(page, 'okta');
    await page.getByRole('button', { name: 'Disable okta' }).click();
    await page.getByRole('button', { name: 'Disable', exact: true }).click();
    await page.getByRole('row', { name: /^okta disabled/ }).waitFor();
    expect(await statusWith(stage, secret)).toBe(401);
    await page.getByRole('button', { name: 'Enable okta' }).click();
    await page.getByRole('row', { name: /^okta good/ }).waitFor();
    expect(await statusWith(stage, secret)).toBe(200);
    await page.getByRole('button', { name: 'Revoke okta' }).click();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Revoke for good' }).click();
    await page.getByRole('row', { name: /^okta/ }).waitFor({ state: 'detached' });
    expect(await statusWith(stage, secret)).toBe(401);
  });

  it('revokes nothing when that is cancelled', async () => {
    const { stage, page } = await openTokens();
    const secret = await make(page, 'okta');
    await page.getByRole('button', { name: 'Revoke okta' }).click();
    await page.getByRole('dialog', { name: 'Revoke okta?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Revoke okta' }).click();
    await page.getByRole('dialog', { name: 'Revoke okta?' }).waitFor();
    // As a browser does by itself that does not ask first.
    await page.evaluate('document.querySelector("dialog").close()');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await statusWith(stage, secret)).toBe(200);
  });

  it('gives a token another secret, and ends the old one at once if that is chosen', async () => {
    const { stage, page } = await openTokens();
    const before = await make(page, 'okta');
    await page.getByRole('button', { name: 'Rotate okta' }).click();
    await page.getByLabel('The secret that it has now is taken').selectOption({ index: 3 });
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    const after = await takeSecret(page, 'okta');
    expect([await statusWith(stage, before), await statusWith(stage, after)]).toEqual([401, 200]);
  });

  it('shows no button that changes something to who may only look', async () => {
    const stage = await startStage();
    await stage.issue('okta', 'scim');
    const page = await openBrowser(stage.usher.url);
    await signIn(page, await stage.issue('rita', 'admin:read'), '/console/tokens');
    await page.getByRole('row', { name: /^okta/ }).waitFor();
    const buttons = await page.getByRole('button').allInnerTexts();
    expect(buttons.map((text) => text.trim())).toEqual(['Sign out']);
  });
});
