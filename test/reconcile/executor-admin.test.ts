import { describe, expect, it } from 'vitest';
import { HomeserverError } from '../../src/matrix/error.ts';
import { keyOf } from '../../src/plan/guard.ts';
import {
  ACCOUNT,
  BROKEN,
  CREATE,
  executorDesk,
  KICK,
  LOCK,
  link,
  REFUSED,
  UNLOCK,
} from '../support/people-desk.ts';

const GRANT = { kind: 'grant-admin', account: ACCOUNT } as const;
const REVOKE = { kind: 'revoke-admin', account: ACCOUNT } as const;
const REVOKE_KEY = keyOf({ kind: 'revoke-admin', account: ACCOUNT, roomId: undefined });
const OUTAGE = new HomeserverError('unavailable', 'down');
const [PLAIN, ADMIN] = [link({ isAdmin: false }), link({ isAdmin: true })];

describe('that an account is a server admin by us', () => {
  it.each([
    ['is written down once it is made one', undefined, PLAIN, true],
    ['is not written down when the homeserver refuses', REFUSED, PLAIN, false],
    ['is written down when nobody knows, or she would be protected from us', BROKEN, PLAIN, true],
    ['stays written down when it is to be given again, and is refused', REFUSED, ADMIN, true],
  ])('%s', async (_title, answer, before, isAdmin) => {
    const { run, state, link: saved } = executorDesk();
    state.answers = new Map(answer === undefined ? [] : [[GRANT, answer]]);
    await run({ changes: [GRANT], linksNow: [before], links: [ADMIN] });
    expect((await saved())?.isAdmin).toBe(isAdmin);
  });

  it('is written down before it is made one', async () => {
    const { run, state, link: saved } = executorDesk();
    state.answers = new Map([[GRANT, OUTAGE]]);
    await expect(run({ changes: [GRANT], linksNow: [PLAIN], links: [ADMIN] })).rejects.toBe(OUTAGE);
    expect((await saved())?.isAdmin).toBe(true);
  });

  it.each([
    ['is forgotten once it is none any more', undefined, false],
    ['is kept when the homeserver refuses', REFUSED, true],
    ['is kept when nobody knows', BROKEN, true],
  ])('%s', async (_title, answer, isAdmin) => {
    const { run, state, link: saved } = executorDesk();
    state.answers = new Map(answer === undefined ? [] : [[REVOKE, answer]]);
    await run({ changes: [REVOKE], linksNow: [ADMIN], links: [PLAIN] });
    expect((await saved())?.isAdmin).toBe(isAdmin);
  });

  it('is kept while it is held that she is none any more, and the rest is done', async () => {
    const { run, state, link: saved } = executorDesk();
    await run({ changes: [REVOKE, KICK, LOCK], linksNow: [ADMIN], links: [PLAIN] }, { held: [REVOKE_KEY] });
    expect(state.made).toEqual([KICK, LOCK]);
    expect((await saved())?.isAdmin).toBe(true);
  });

  it('is nothing that an account gets before it is made, or while it is locked by us', async () => {
    for (const [first, plan] of [
      [CREATE, { newcomers: [] }],
      [UNLOCK, {}],
    ] as const) {
      const { run, state } = executorDesk();
      state.answers = new Map([[first, REFUSED]]);
      await run({ changes: [first, GRANT], linksNow: [PLAIN], links: [ADMIN], ...plan });
      expect(state.made).toEqual([]);
    }
  });
});
