import { it, onTestFinished, vi } from 'vitest';
import type { ResourceId } from '../../../src/directory/resource.ts';
import { openPage } from '../../support/page.ts';
import { type ANN, type Looking, lookAt } from './stage.ts';

const PAGE = new URL('../../../docs/commands.md', import.meta.url);
const DAY = Date.UTC(2026, 10, 20, 9, 0, 0);
const MINUTE = 60_000;

/** Each block is a command and what it prints. `UPDATE_DOCS=1` writes what it prints now. */
it('shows in docs/commands.md what the commands print', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: DAY });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const page = openPage(PAGE);
  await page.play(await setStory()).rest();
  page.close();
});

/** Some days of a small company. The service stands still at the end, so that nothing moves while it is looked at. */
async function setStory() {
  const stage = await lookAt();
  const { provider, settle, resync, mod } = stage;
  const later = (minutes: number): void => {
    vi.setSystemTime(Date.now() + minutes * MINUTE);
  };
  const user = async (userName: string, displayName: string): Promise<string> => {
    const id = await provider.createUser({ userName, displayName, email: `${userName}@example.com` });
    await settle();
    later(1);
    return id;
  };
  const ann = await user('ann', 'Ann Ant');
  const bob = await user('bob', 'Bob Bee');
  await user('cem', 'Cem Cat');
  const interns = await provider.createGroup('Interns', '9f3b-interns', [ann]);
  const engineering = await provider.createGroup('Engineering', 'ext-eng', [interns]);
  await settle();
  later(5);
  await provider.addMembers(engineering, bob);
  await settle();
  later(24 * 60);
  await stage.homeserver.person('dee');
  await user('dee', 'Dee Doe');
  await mod.kick(stage.lobby, '@bob:example.com' as never);
  await resync();
  later(30);
  await stage.close();
  await holdBob(stage, engineering as ResourceId, bob as ResourceId);
  later(3);
  return stage;
}

/** Bob left Engineering, and that is held. */
async function holdBob(stage: Looking, engineering: ResourceId, bob: ResourceId): Promise<void> {
  const now = Date.now();
  await stage.beside(async ({ groups, guard, facts }) => {
    const leave = [{ kind: 'remove', values: [bob] }] as const;
    const cause = `PATCH /Groups/${engineering} (request ${crypto.randomUUID()})`;
    await groups.update(
      'default' as never,
      engineering,
      ({ attributes }) => ({ attributes, members: leave }),
      now,
      cause,
    );
    await guard.openHold({
      scope: `room:${stage.eng}`,
      reason: 'more than 20 % of #eng:example.com within an hour',
      since: now,
    });
    await guard.hold([
      {
        kind: 'kick',
        account: '@bob:example.com' as typeof ANN,
        roomId: stage.eng,
        userId: bob,
        scope: `room:${stage.eng}`,
        detail: 'remove @bob:example.com from #eng:example.com',
        since: now,
        verdict: undefined,
        cause: undefined,
      },
    ]);
    await facts.set('last-pass', {
      startedAt: now - 900,
      finishedAt: now,
      marked: 1,
      problems: [],
      drifted: 0,
    });
  });
}
