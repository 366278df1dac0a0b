import { describe, expect, it } from 'vitest';
import { type RoomAlias, userId } from '../../src/matrix/ids.ts';
import { cursorOf } from '../../src/store/cursor.ts';
import { openStoreBeside } from '../../src/store/sqlite/open-store.ts';
import { expectAccessible, openBrowser, openPage, signIn } from '../support/console/browser.ts';
import { dismiss, type Stage, startStage } from '../support/console/stage.ts';

/** The page asks again that often, in milliseconds. */
const POLL_MS = 30_000;

/** A cursor before all holds. */
const NEXT = cursorOf([0, '']);

/** So many are held in a hold on everything, as after a restore. */
async function holdMany({ usher, simulated }: Stage, count: number, scope = 'restored'): Promise<void> {
  const roomId = simulated.world.rooms.resolve('#eng:usher.test' as RoomAlias);
  const store = openStoreBeside(usher.dataDir);
  try {
    await store.guard.openHold({ scope, reason: 'an old backup', since: Date.now() });
    await store.guard.hold(
      Array.from({ length: count }, (_, index) => {
        const account = userId(`gone${String(index).padStart(4, '0')}`, 'usher.test');
        return {
          ...{ kind: 'kick' as const, account, roomId, userId: undefined, scope },
          ...{ detail: `remove ${account} from ${roomId}`, cause: undefined, since: Date.now() },
          verdict: undefined,
        };
      }),
    );
  } finally {
    await store.close();
  }
}

describe('the page of what is held, when that is much', () => {
  it('shows the numbers and the first names, and all names page by page', async () => {
    const stage = await startStage();
    await holdMany(stage, 1_230);
    const page = await openPage(stage, '/held', 'Held');
    await page.getByText('1230 removals from 1 room').waitFor();
    const names = page.getByText(/^remove @gone\d+:usher\.test from #eng:usher\.test/);
    await names.first().waitFor();
    expect(await names.count()).toBe(10);
    await page.getByRole('button', { name: 'Show more of the 1,230' }).click();
    await page.getByText('100 of 1,230.').waitFor();
    await page.getByRole('button', { name: 'Show more', exact: true }).click();
    await page.getByText('200 of 1,230.').waitFor();
    await page.getByText('remove @gone0199:usher.test from #eng:usher.test').waitFor();
    expect(await names.count()).toBe(200);
    await expectAccessible(page);
  });

  it('shows no more names of what is another hold by now, and the new one when asked', async () => {
    const stage = await startStage();
    await holdMany(stage, 150);
    const page = await openPage(stage, '/held', 'Held');
    await page.getByRole('button', { name: 'Show more of the 150' }).click();
    await page.getByText('100 of 150.').waitFor();
    await holdMany(stage, 151);
    await page.getByRole('button', { name: 'Show more', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'it may have changed' }).waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('151 removals from 1 room').waitFor();
  });

  it('asks again for names that could not be had', async () => {
    const stage = await startStage();
    await holdMany(stage, 150);
    const page = await openPage(stage, '/held', 'Held');
    await page.route('**/changes?limit=100*', (route) => route.abort());
    await page.getByRole('button', { name: 'Show more of the 150' }).click();
    await page.getByRole('alert').waitFor();
    await page.unroute('**/changes?limit=100*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('100 of 150.').waitFor();
  });

  it('keeps a question open while its hold grows, and decides nothing but what was asked', async () => {
    const stage = await startStage();
    await holdMany(stage, 3);
    const page = await openBrowser(stage.usher.url);
    await page.clock.install();
    await signIn(page, await stage.issue('admin', 'admin'), '/console/held');
    await page.getByRole('button', { name: 'Approve: let it happen' }).click();
    await holdMany(stage, 4);
    await page.clock.fastForward(POLL_MS);
    await page.getByRole('main').getByText('4 removals from 1 room').first().waitFor();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('3 removals from 1 room').waitFor();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'it may have changed' }).waitFor();
  });

  it('shows more holds when the first of them were asked again meanwhile', async () => {
    const stage = await startStage();
    await holdMany(stage, 3);
    const page = await openBrowser(stage.usher.url);
    await page.clock.install();
    const { promise, resolve } = Promise.withResolvers<void>();
    // As if there were a page of holds after this one.
    await page.route(/\/held\?limit=20/, async (route) => {
      const isNext = route.request().url().includes('cursor=');
      if (isNext) await promise;
      const { holds, ...rest } = await (await route.fetch()).json();
      const json = isNext
        ? { ...rest, holds: [{ ...holds[0], scope: 'later' }], next: null }
        : { ...rest, holds, next: NEXT };
      await route.fulfill({ json });
    });
    await signIn(page, await stage.issue('admin', 'admin'), '/console/held');
    const holds = page.getByRole('article');
    await holds.first().waitFor();
    await page.getByRole('button', { name: 'Show more holds' }).click();
    await holdMany(stage, 4);
    await page.clock.fastForward(POLL_MS);
    await page.getByText('4 removals from 1 room').first().waitFor();
    resolve();
    await expect.poll(() => holds.count(), { timeout: 5_000 }).toBe(2);
  });
});

describe('the navigation', () => {
  it('says on every page how many decisions wait, and no more once they are made', async () => {
    const stage = await startStage();
    await dismiss(stage);
    await holdMany(stage, 3);
    const page = await openPage(stage, '/people', 'People');
    await page.getByRole('link', { name: 'Held 2 wait for a decision' }).click();
    await page.getByText('2 decisions wait.').waitFor();
    for (const left of ['Held 1 waits for a decision', 'Held']) {
      await page.getByRole('button', { name: 'Approve: let it happen' }).first().click();
      await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('link', { name: left, exact: true }).waitFor();
    }
    await page.getByText('Nothing is held, and nothing waits for you.').waitFor();
  });
});
