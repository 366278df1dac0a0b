import { describe, expect, it } from 'vitest';
import { expectAccessible, openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { dismiss, startStage } from '../support/console/stage.ts';

describe('the overview', () => {
  it('says that all is well', async () => {
    const page = await openPage(await startStage({ isWell: true }), '', 'Overview');
    await page.getByText('All is well.').waitFor();
    await page.getByRole('link', { name: '10 People' }).waitFor();
    expect(await page.getByText('To do:').count()).toBe(0);
  });

  it('says what needs a person, and leads there', async () => {
    const stage = await startStage();
    await dismiss(stage);
    const page = await openPage(stage, '', 'Overview');
    await page.getByText('3 things need you:').waitFor();
    await page.getByText('#ghost:usher.test is not an alias of any room').first().waitFor();
    await page.getByText('1 person is not as they should be').first().waitFor();
    await expectAccessible(page);
    const parts = page.getByRole('listitem');
    await parts.filter({ hasText: 'To do: look at what is held, and decide: Held' }).waitFor();
    await parts
      .filter({ hasText: 'To do: look at the ways out, or at all of them: Conflicts, or People' })
      .waitFor();
    for (const [path, shown] of [
      ['', '3 things need you:'],
      ['/held', '4 removals from 1 room'],
      ['/conflicts', 'link it to her, if the account is hers'],
      [
        `/people/cem/rooms/${encodeURIComponent('#eng:usher.test')}`,
        'her removal waits until somebody decides',
      ],
    ] as const) {
      await page.goto(`/console${path}`);
      await page.getByText(shown).first().waitFor();
      expect(await page.getByRole('main').textContent(), path).not.toMatch(/usher [a-z]/);
    }
    await page.goto('/console');
    await page.getByRole('link', { name: 'holds', exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Held' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/console/held');
  });

  it('says that the homeserver does not answer', async () => {
    const stage = await startStage({ isWell: true });
    const page = await openPage(stage, '', 'Overview');
    await page.getByText('All is well.').waitFor();
    await stage.simulated.stop();
    await page.reload();
    await page.getByText('One thing needs you:').waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /^homeserver: / })
      .waitFor();
    // What the console does not do has its command.
    await page.getByText('everything waits until then: usher check on the server').waitFor();
  });

  it('keeps what it said when Usher itself does not answer, and says so', async () => {
    const stage = await startStage({ isWell: true });
    const page = await openBrowser(stage.usher.url);
    await page.clock.install();
    await signIn(page, await stage.issue('ann', 'admin'));
    await page.getByText('All is well.').waitFor();
    await stage.usher.close();
    await page.clock.runFor(20_000);
    await page.getByText('Usher does not answer now').waitFor();
    expect(await page.getByText('All is well.').isVisible()).toBe(true);
  });
});
