import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { emptyPlan } from '../../src/reconcile/person-plan.ts';
import { ANN, at, codesOf, DAY, PROVIDER, plannerDesk } from '../support/planner-desk.ts';
import { NOW } from '../support/survey-desk.ts';

const NOBODY = 'nobody' as ResourceId;
const hers = { externalIds: [{ provider: PROVIDER, id: 'e' }] };
const nothingFor = (id: ResourceId) => ({
  ...{ ...emptyPlan(id), edition: expect.any(Number), isDecided: expect.any(Function) },
});

describe('somebody without an account', () => {
  it('gets the one with her name', async () => {
    const { user, plan } = await plannerDesk();
    const id = await user('ann', { displayName: 'Ann', externalId: 'e' });
    const made = await plan(id);
    expect(made).toMatchObject({
      ...{ userId: id, account: ANN, findings: [], newcomers: [id], superseded: [], ended: [] },
      changes: [
        {
          ...{ kind: 'create-account', account: ANN },
          profile: { displayName: 'Ann', externalId: { provider: PROVIDER, id: 'e' } },
        },
      ],
      linksNow: [{ userId: id, account: ANN, externalId: 'e', isConfirmed: false }],
      links: [{ userId: id, account: ANN, externalId: 'e', isConfirmed: true, inactiveSince: undefined }],
    });
  });

  it('gets one when a room is open to her, if only such people are to have one', async () => {
    const { user, group, plan, eng, changesOf } = await plannerDesk();
    const id = await user('ann');
    const policy = { provision: 'mapped' } as const;
    expect(await plan(id, { policy, map: { eng } })).toEqual(nothingFor(id));
    await group('eng', id);
    expect(changesOf(await plan(id, { policy, map: { eng } }))).toEqual(['create-account', 'join eng']);
  });

  it('gets none when she is deleted, or deactivated', async () => {
    const { user, plan } = await plannerDesk();
    expect(await plan(NOBODY)).toEqual(nothingFor(NOBODY));
    const id = await user('ann', { active: false, externalId: 'e' });
    expect(await plan(id)).toEqual(nothingFor(id));
  });

  it('gets none when there can be none of that name, and somebody is told', async () => {
    const { user, plan } = await plannerDesk();
    const id = await user('123');
    expect(await plan(id)).toEqual({
      ...nothingFor(id),
      findings: [
        {
          ...{ code: 'no-account-name', blocking: true, account: undefined, roomId: undefined },
          message: 'No Matrix id can be made for her: "123" has only digits, which Synapse keeps for guests.',
        },
      ],
    });
  });

  it('has the one with her external id, though she is deactivated: it is locked', async () => {
    const { user, account, plan, changesOf } = await plannerDesk();
    account('hers', hers);
    const id = await user('ann', { active: false, externalId: 'e' });
    const made = await plan(id);
    expect(changesOf(made)).toEqual(['restrict lock']);
    expect(made).toMatchObject({
      ...{ account: at('hers'), newcomers: [id] },
      linksNow: [{ isConfirmed: true, inactiveSince: NOW, restriction: undefined }],
      links: [{ inactiveSince: NOW, restriction: 'lock' }],
    });
    expect(await plan(id, { policy: { provision: 'mapped' } })).toEqual(nothingFor(id));
  });
});

describe('an account that exists', () => {
  it('by the name alone is not hers, or is if the settings say so', async () => {
    const { user, account, plan, changesOf } = await plannerDesk();
    account('ann');
    const id = await user('ann', { displayName: 'Ann' });
    const refused = await plan(id);
    expect(refused).toEqual({
      ...{ ...nothingFor(id), account: ANN },
      findings: [expect.objectContaining({ code: 'account-taken' })],
    });
    const adopted = await plan(id, { policy: { existingAccounts: 'adopt' } });
    expect(changesOf(adopted)).toEqual(['update-account']);
    expect(adopted.newcomers).toEqual([id]);
  });

  it('is hers by her link, whatever the names are', async () => {
    const { person, account, plan } = await plannerDesk();
    account('old', { displayName: 'Old' });
    const { id } = await person('ann', { displayName: 'Ann' }, { account: at('old') });
    expect(await plan(id)).toMatchObject({
      ...{ account: at('old'), newcomers: [], findings: [] },
      changes: [{ kind: 'update-account', account: at('old'), update: { displayName: 'Ann' } }],
    });
  });

  it('was somebody else’s, who was deleted: the same name does not make it hers', async () => {
    const { user, account, link, plan } = await plannerDesk();
    await link(NOBODY, account('ann'), { externalId: 'old' });
    const id = await user('ann', { externalId: 'new' });
    expect(await plan(id)).toMatchObject({ changes: [], links: [], superseded: [] });
    expect(codesOf(await plan(id))).toEqual(['account-taken']);
  });

  it('was hers before she was deleted, as her external id says: what we did to it is undone', async () => {
    const { user, account, link, plan, changesOf } = await plannerDesk();
    const old = account('old', { ...hers, displayName: 'Ann' });
    await link(NOBODY, old, { externalId: 'e', restriction: 'lock', inactiveSince: NOW - DAY });
    const id = await user('ann', { externalId: 'e', displayName: 'Ann' });
    const made = await plan(id);
    expect(changesOf(made)).toEqual(['unrestrict lock']);
    expect(made).toMatchObject({
      ...{ account: old, newcomers: [id], superseded: [NOBODY] },
      links: [{ userId: id, restriction: undefined, inactiveSince: undefined }],
    });
  });

  it('of another user of the same name is not shared', async () => {
    const { user, person, account, plan } = await plannerDesk();
    account('ann', hers);
    const other = await person('other', {}, { account: ANN });
    const id = await user('ann', { externalId: 'e' });
    expect(await plan(id)).toEqual({
      ...{ ...nothingFor(id), account: ANN },
      findings: [expect.objectContaining({ code: 'account-of-another' })],
    });
    expect(await plan(other.id)).toMatchObject({ changes: [], findings: [], links: [{ userId: other.id }] });
  });

  it('was to be made for her, and is a stranger’s: she can’t have it, and nothing is left when she goes', async () => {
    const { person, account, plan, change, entitle, eng } = await plannerDesk();
    account('ann');
    const { id } = await person('ann', { externalId: 'e' }, { isConfirmed: false, externalId: 'e' });
    await entitle(eng, { state: 'granted' });
    expect(codesOf(await plan(id))).toEqual(['account-taken']);
    await change(id, { active: false, externalId: 'e' });
    expect(await plan(id)).toMatchObject({
      ...{ account: ANN, superseded: [id], ended: [eng], changes: [], links: [] },
    });
  });
});

describe('an account that is gone', () => {
  it('is made again for who is active', async () => {
    const { person, group, plan, changesOf, entitle, recordsOf, eng } = await plannerDesk();
    const { id } = await person('ann');
    await group('eng', id);
    await entitle(eng);
    const memberships = () => Promise.reject(new Error('there is no such account'));
    const made = await plan(id, { map: { eng }, faults: { memberships } });
    expect(changesOf(made)).toEqual(['create-account', 'join eng']);
    expect(recordsOf(made)).toEqual({ eng: 'granted' });
    expect(made.linksNow).toMatchObject([{ userId: id, isConfirmed: false }]);
  });

  it('is forgotten with its rooms when nobody active has it', async () => {
    const { person, plan, entitle, endedOf, eng, ops, decides } = await plannerDesk();
    const { id } = await person('ann', { active: false });
    for (const room of [eng, ops]) await entitle(room);
    const left = await plan(id);
    expect(left).toMatchObject({ account: ANN, superseded: [id], changes: [], links: [] });
    expect(endedOf(left).toSorted()).toEqual(['eng', 'ops']);
    expect(decides(left, eng)).toBe(true);
  });
});

describe('somebody who left', () => {
  it('is treated as a deleted one when she is deleted, else as a deactivated one', async () => {
    const { person, account, plan, change, remove, changesOf } = await plannerDesk();
    account('ann');
    const { id } = await person('ann');
    await change(id, { active: false });
    expect(changesOf(await plan(id))).toEqual(['restrict lock']);
    await remove(id);
    expect(changesOf(await plan(id))).toEqual(['restrict deactivate']);
  });

  it('climbs the ladder from when she was found to be gone', async () => {
    const { person, account, plan, changesOf } = await plannerDesk();
    account('ann');
    const { id } = await person('ann', { active: false }, { inactiveSince: NOW - DAY });
    const afterMs = (ms: number) => ({ onDeactivate: [{ step: 'suspend', afterMs: ms }] }) as const;
    expect(changesOf(await plan(id, { policy: afterMs(DAY) }))).toEqual(['restrict suspend']);
    expect(changesOf(await plan(id, { policy: afterMs(DAY + 1) }))).toEqual([]);
  });

  it('keeps what is stronger than her step, and a step that broke off is taken again', async () => {
    const { person, account, plan, changesOf, steps } = await plannerDesk();
    account('ann', { locked: true });
    const { id } = await person('ann', { active: false }, { restriction: 'lock', externalId: 'e' });
    const policy = { onDeactivate: [{ step: 'suspend', afterMs: 0 }] } as const;
    const kept = await plan(id, { policy });
    expect(kept.changes).toEqual([]);
    expect(kept.links).toMatchObject([{ restriction: 'lock', externalId: 'e' }]);
    await steps.begin(ANN, [{ kind: 'unrestrict', account: ANN, restriction: 'suspend' }]);
    expect(changesOf(await plan(id, { policy }))).toEqual(['restrict lock', 'unrestrict suspend']);
  });

  it('and is here again by another user with her external id loses nothing', async () => {
    const { person, user, account, plan, remove } = await plannerDesk();
    account('ann', hers);
    const { id } = await person('ann', { externalId: 'e' }, { externalId: 'e' });
    await remove(id);
    const heir = await user('ann2', { externalId: 'e' });
    expect(await plan(id)).toMatchObject({ account: ANN, changes: [], newcomers: [heir], superseded: [id] });
  });
});

it('a plan is of the house as it was when it began', async () => {
  const { user, plan, eng } = await plannerDesk();
  const id = await user('ann');
  const news = { map: { rules: [] }, resolved: new Map(), children: new Map() };
  const made = await plan(id, { unread: [eng] }, (house) => {
    house.learn({ ...news, retired: new Set(), unread: new Set() });
    expect(house.edition()).toBe(2);
  });
  expect(made.edition).toBe(1);
});

it('nothing is planned for somebody whose link goes while she is looked at', async () => {
  const { person, account, plan } = await plannerDesk();
  account('ann');
  const { id } = await person('ann');
  await expect(plan(id, { faultyPeople: { linksOf: async () => [] } })).rejects.toThrow('needs a view');
});
