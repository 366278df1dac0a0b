import { describe, expect, it } from 'vitest';
import type { UserId } from '../../../src/matrix/ids.ts';
import { apiClient, issueToken } from '../../support/api/client.ts';
import { apiStage } from '../../support/api/stage.ts';

type Stage = Awaited<ReturnType<typeof apiStage>>;

/** Nothing may be taken away without a person; Bob left his group. */
async function withHeld() {
  const env = { REMOVAL_LIMIT_PERCENT: '0', REMOVAL_LIMIT_COUNT: '0' };
  const stage = await apiStage(undefined, env);
  await stage.provider.removeMembers(stage.engineering, stage.bob);
  await stage.settle();
  return stage;
}

const digestOf = async ({ call }: Pick<Stage, 'call'>): Promise<string> =>
  (await call('GET', '/held')).body.holds[0].digest;

const inEng = async ({ homeserver, eng }: Stage) =>
  [...((await homeserver.homeserver.joinedMembers(eng)) ?? [])].includes('@bob:example.com' as UserId);

const lastOf = async (stage: Stage, action: string) =>
  (await stage.call('GET', `/journal?action=${action}&limit=1`)).body.items[0];

describe('what is held', () => {
  it('is shown with what led to it', async () => {
    const stage = await withHeld();
    const { body } = await stage.call('GET', '/held');
    expect(body.holds).toMatchObject([
      {
        ...{ digest: expect.stringMatching(/^[0-9a-f]{8}$/), scope: `room:${stage.eng}`, count: 1 },
        numbers: '1 removal from 1 room',
        changes: [{ kind: 'kick', account: '@bob:example.com', cause: expect.stringContaining('PATCH') }],
      },
    ]);
    expect((await stage.call('GET', '/held?changes=0')).body.holds).toMatchObject([
      { count: 1, changes: [] },
    ]);
  });

  it('happens once it is approved, in the name of who did', async () => {
    const stage = await withHeld();
    expect(await inEng(stage)).toBe(true);
    const digest = await digestOf(stage);
    const { status, body } = await stage.call('POST', `/held/${digest}/approve`);
    expect([status, body]).toEqual([200, { wasDecided: false, numbers: '1 removal from 1 room', people: 1 }]);
    await stage.settle();
    expect(await inEng(stage)).toBe(false);
    expect((await stage.call('GET', '/held')).body.holds).toEqual([]);
    expect(await lastOf(stage, 'approve')).toMatchObject({
      ...{ cause: 'boss', detail: expect.stringContaining(`approved ${digest}`) },
    });
  });

  it('does not happen once it is rejected, until somebody takes that back', async () => {
    const stage = await withHeld();
    const { body } = await stage.call('POST', `/held/${await digestOf(stage)}/reject`);
    await stage.settle();
    await stage.resync();
    expect(await inEng(stage)).toBe(true);
    expect(await lastOf(stage, 'reject')).toMatchObject({ cause: 'boss' });
    const again = await stage.call('POST', `/held/${body.digest}/reject`);
    expect(again).toMatchObject({ status: 200, body: { wasDecided: true, digest: body.digest } });
    expect((await stage.call('POST', `/held/${body.digest}/approve`)).status).toBe(200);
    await stage.settle();
    expect(await inEng(stage)).toBe(false);
  });

  it('is not decided by who saw something else', async () => {
    const stage = await withHeld();
    const before = await digestOf(stage);
    await stage.provider.removeMembers(stage.interns, stage.ann);
    await stage.settle();
    expect(await digestOf(stage)).not.toBe(before);
    for (const verdict of ['approve', 'reject']) {
      const { status, body } = await stage.call('POST', `/held/${before}/${verdict}`);
      expect([status, body.detail]).toEqual([
        409,
        `There is no hold ${before} now; it may have changed. Nothing was done.`,
      ]);
    }
    await stage.settle();
    expect(await inEng(stage)).toBe(true);
    expect(await lastOf(stage, 'approve')).toBeUndefined();
  });

  it('is decided by nobody whose token is for reading', async () => {
    const stage = await withHeld();
    const scopes = ['admin:read'] as const;
    const reader = apiClient(
      stage.url,
      await stage.beside((store) => issueToken(store, { name: 'reader', scopes })),
    );
    const digest = await digestOf({ call: reader });
    expect((await reader('POST', `/held/${digest}/approve`)).status).toBe(403);
    expect((await reader('POST', `/people/bob/unlink`)).status).toBe(403);
    await stage.settle();
    expect(await inEng(stage)).toBe(true);
  });
});

describe('a conflict', () => {
  /** Dee's name is taken by an account that is linked to nobody. */
  async function inConflict() {
    const stage = await apiStage();
    await stage.homeserver.person('dee');
    const dee = await stage.provider.createUser({ userName: 'dee', displayName: 'Dee' });
    await stage.settle();
    return { ...stage, dee };
  }

  it('is shown with the ways out, and ends by a link', async () => {
    const stage = await inConflict();
    const { body } = await stage.call('GET', '/conflicts');
    expect(body.items).toMatchObject([
      {
        ...{ scimId: stage.dee, userName: 'dee', account: '@dee:example.com', code: 'account-taken' },
        waysOut: [{ kind: 'link', command: 'usher link dee @dee:example.com' }, {}, {}],
      },
    ]);
    expect((await stage.call('GET', '/people?failing=yes')).body.items).toMatchObject([
      { userName: 'dee', lastError: expect.stringContaining('@dee:example.com') },
    ]);
    const link = () => stage.call('POST', '/people/dee/link', { account: '@dee:example.com' });
    expect((await link()).body).toEqual({ account: '@dee:example.com', wasLinked: false });
    await stage.settle();
    expect((await stage.call('GET', '/conflicts')).body.items).toEqual([]);
    const lobby = encodeURIComponent('#lobby:example.com');
    expect((await stage.call('GET', `/people/dee/rooms/${lobby}`)).body).toMatchObject({ isIn: true });
    expect(await lastOf(stage, 'link')).toMatchObject({ cause: 'boss', userId: stage.dee });
    expect((await link()).body.wasLinked).toBe(true);
  });

  it('does not end by an account that is not hers to have', async () => {
    const stage = await inConflict();
    for (const [account, detail] of [
      ['@ann:example.com', /is the account of ann \(SCIM id [\w-]+\)\. Unlink it from her before\.$/],
      ['@usher:example.com', /is Usher's own account/],
      ['@dee:elsewhere.org', /is not a Matrix id of this homeserver/],
      ['@dea:example.com', /There is no account @dea:example\.com/],
    ] as const) {
      const { status, body } = await stage.call('POST', '/people/dee/link', { account });
      expect([status, body.detail]).toEqual([409, expect.stringMatching(detail)]);
    }
    expect((await stage.call('POST', '/people/nobody/link', { account: '@dee:example.com' })).status).toBe(
      404,
    );
    expect((await stage.call('POST', '/people/dee/link', {})).status).toBe(400);
    await stage.homeserver.stop();
    const { status } = await stage.call('POST', '/people/dee/link', { account: '@dee:example.com' });
    expect(status).toBe(409);
    await stage.beside(async (store) => {
      expect(await store.people.linksOf('@dee:example.com' as UserId)).toEqual([]);
    });
  });

  it('can be made by taking a link away', async () => {
    const stage = await inConflict();
    const unlink = (name: string, account: string) =>
      stage.call('POST', `/people/${name}/unlink`, { account });
    const other = await unlink('ann', '@dee:example.com');
    expect([other.status, other.body.detail]).toEqual([
      409,
      'She has the account @ann:example.com by now: look again. Nothing was done.',
    ]);
    const { body } = await unlink('ann', '@ann:example.com');
    expect(body).toEqual({
      account: '@ann:example.com',
      left: [expect.stringMatching(/^Her external id uid-ann is on the account/)],
    });
    expect(await lastOf(stage, 'unlink')).toMatchObject({ cause: 'boss', account: '@ann:example.com' });
    expect((await unlink('dee', '@dee:example.com')).status).toBe(409);
  });
});
