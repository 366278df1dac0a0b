import { describe, expect, it } from 'vitest';
import type { HeldChange } from '../../../src/plan/holds.ts';
import { ANN, type Looking, lookAt, withPeople } from './stage.ts';

/** A service that is stopped, so that nobody takes the marks, and two removals that are held. */
async function withHeld() {
  const stage = await lookAt();
  const { ann, bob } = await withPeople(stage);
  await stage.close();
  await stage.beside(({ guard }) => hold(stage, guard, { ann, bob }));
  return { ...stage, ann, bob };
}

async function hold(
  { eng }: Looking,
  guard: Parameters<Parameters<Looking['beside']>[0]>[0]['guard'],
  { ann, bob }: { readonly ann: string; readonly bob: string },
) {
  const change = (localpart: string, userId: string): HeldChange => ({
    kind: 'kick',
    account: `@${localpart}:example.com` as never,
    roomId: eng,
    userId: userId as never,
    scope: `room:${eng}`,
    detail: `remove @${localpart}:example.com from #eng:example.com`,
    since: Date.now(),
    verdict: undefined,
    cause: undefined,
  });
  await guard.openHold({
    scope: `room:${eng}`,
    reason: 'more than 20 % of #eng:example.com',
    since: Date.now(),
  });
  await guard.hold([change('ann', ann), change('bob', bob)]);
}

const digestIn = async (stage: Pick<Looking, 'json'>): Promise<string> =>
  (await stage.json('held'))[0].digest;

describe('usher held', () => {
  it('shows what is held, and how to decide', async () => {
    const stage = await withHeld();
    const { exitCode, stdout } = await stage.look('held');
    const digest = await digestIn(stage);
    expect(exitCode).toBe(1);
    expect(digest).toMatch(/^[0-9a-f]{8}$/);
    expect(stdout).toMatch(new RegExp(`^${digest} {2}more than 20 % of #eng:example\\.com\n`));
    expect(stdout).toContain('; 2 removals from 1 room\n');
    expect(stdout).toContain('  remove @ann:example.com from #eng:example.com\n');
    expect(stdout).toContain(`usher approve ${digest}\n`);
    expect(stdout).toContain(`usher reject ${digest}\n`);
    expect(await stage.json('held')).toMatchObject([
      {
        scope: `room:${stage.eng}`,
        reason: 'more than 20 % of #eng:example.com',
        count: 2,
        changes: [{ kind: 'kick', account: ANN, roomId: stage.eng }, { account: '@bob:example.com' }],
      },
    ]);
  });

  it('cuts a long list', async () => {
    const stage = await withHeld();
    await stage.beside(({ guard }) =>
      guard.hold(
        Array.from({ length: 400 }, (_, index) => ({
          kind: 'restrict',
          account: `@user${index}:example.com` as never,
          roomId: undefined,
          userId: undefined,
          scope: 'accounts',
          detail: `lock account @user${index}:example.com`,
          since: Date.now(),
          verdict: undefined,
          cause: undefined,
        })),
      ),
    );
    expect((await stage.look('held')).stdout).toContain('  … and 380 more: usher held --all\n');
    expect((await stage.look('held', '--all')).stdout).not.toContain('more: ');
  });

  it('holds nothing', async () => {
    const stage = await lookAt();
    expect(await stage.look('held')).toMatchObject({ exitCode: 0, stdout: 'Nothing is held.\n' });
    expect(await stage.json('held')).toEqual([]);
  });
});

describe('usher approve and usher reject', () => {
  it('approves by a part of the digest, marks the people, and writes it down', async () => {
    const stage = await withHeld();
    const digest = await digestIn(stage);
    const { exitCode, stdout } = await stage.look('approve', digest.slice(0, 4));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Approved: 2 removals from 1 room\.\n2 people are looked at within seconds/);
    await stage.beside(async (store) => {
      expect((await store.guard.held()).map(({ verdict }) => verdict)).toEqual(['approved', 'approved']);
      expect(await store.guard.holds()).toEqual([]);
      expect(new Set(await store.work.all('removal'))).toEqual(new Set([stage.ann, stage.bob]));
      expect((await store.overview.waiting(stage.ann as never))?.cause).toBe(`approved ${digest}`);
      expect(await store.journal.find({ action: 'approve', limit: 9 })).toMatchObject([
        { outcome: 'done', detail: expect.stringContaining('2 removals from 1 room') },
      ]);
    });
    expect((await stage.look('held')).stdout).toBe('Nothing is held.\n');
  });

  it('rejects, which can be taken back', async () => {
    const stage = await withHeld();
    const { stdout } = await stage.look('reject', await digestIn(stage));
    expect(stdout).toMatch(/^Rejected: 2 removals from 1 room\.\nAll stays so/);
    const digest = await digestIn(stage);
    expect((await stage.look('held')).exitCode).toBe(0);
    expect((await stage.look('reject', digest)).stdout).toContain('was rejected before; nothing was done');
    expect((await stage.look('approve', digest)).stdout).toMatch(/^Approved: 2 removals/);
  });

  it('does nothing if the hold is another one by now', async () => {
    const stage = await withHeld();
    const digest = await digestIn(stage);
    await stage.beside(({ guard }) => guard.forget({ kind: 'kick', account: ANN, roomId: stage.eng }));
    for (const command of ['approve', 'reject']) {
      const { exitCode, stdout, stderr } = await stage.look(command, digest);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/there is no hold "[0-9a-f]{8}" now; it may have changed: look at "usher held"/);
    }
    await stage.beside(async ({ guard }) =>
      expect(await guard.held()).toMatchObject([{ verdict: undefined }]),
    );
  });

  it('approves a hold on everything by its name', async () => {
    const stage = await lookAt();
    await stage.close();
    await stage.beside(({ guard }) =>
      guard.openHold({ scope: 'restored', reason: 'an old backup', since: Date.now() }),
    );
    expect((await stage.look('held')).stdout).toMatch(
      /; nothing yet\n\n {2}to end the hold: {3}usher approve \w{8}\n$/,
    );
    expect((await stage.look('approve', 'imported')).exitCode).toBe(1);
    expect(await stage.look('approve', 'restored')).toMatchObject({
      exitCode: 0,
      stdout: 'The hold is over. There was nothing in it.\n',
    });
    expect((await stage.look('held')).stdout).toBe('Nothing is held.\n');
  });

  it('does not end a hold by rejecting nothing', async () => {
    const stage = await lookAt();
    await stage.close();
    await stage.beside(({ guard }) =>
      guard.openHold({ scope: 'restored', reason: 'an old backup', since: Date.now() }),
    );
    const { exitCode, stderr } = await stage.look('reject', await digestIn(stage));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is nothing in');
    expect((await stage.look('held')).exitCode).toBe(1);
  });

  it('wants enough of the digest', async () => {
    const stage = await withHeld();
    const { exitCode, stderr } = await stage.look('approve', (await digestIn(stage)).slice(0, 3));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('at least 4 characters');
  });
});
