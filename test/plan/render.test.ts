import { describe, expect, it } from 'vitest';
import type { RoomId, UserId } from '../../src/matrix/ids.ts';
import {
  CHANGE_KINDS,
  type Change,
  type Finding,
  inOrder,
  type PersonChange,
  takesAway,
} from '../../src/plan/change.ts';
import { describeChange, renderPlan } from '../../src/plan/render.ts';

const [ANN, BOB] = ['@ann:x', '@bob:x'] as [UserId, UserId];
const [ENG, OPS] = ['!eng:x', '!ops:x'] as [RoomId, RoomId];

const create: PersonChange = {
  kind: 'create-account',
  account: ANN,
  profile: { displayName: 'Ann', externalId: undefined, email: undefined },
};
const update: PersonChange = {
  kind: 'update-account',
  account: ANN,
  update: { displayName: 'Ann', threepids: [] },
};
const avatar: PersonChange = {
  kind: 'set-avatar',
  account: ANN,
  photo: 'https://p?token=hush',
  replaces: undefined,
};
const lock: PersonChange = { kind: 'restrict', account: ANN, restriction: 'lock' };
const unlock: PersonChange = { kind: 'unrestrict', account: ANN, restriction: 'lock' };
const grant: PersonChange = { kind: 'grant-admin', account: ANN };
const revoke: PersonChange = { kind: 'revoke-admin', account: ANN };
const join: PersonChange = { kind: 'join', account: ANN, roomId: ENG, via: ['g1', '*'] };
const kick: PersonChange = { kind: 'kick', account: BOB, roomId: OPS, via: ['g1', 'g2'] };
const levels = (lowers: boolean): Change => ({
  kind: 'set-levels',
  roomId: ENG,
  levels: new Map([
    [ANN, 50],
    [BOB, undefined],
  ]),
  lowers,
});

describe('a change', () => {
  it.each<[Change, string, boolean]>([
    [create, 'create account @ann:x', false],
    [update, 'update account @ann:x (displayName, threepids)', false],
    [avatar, 'set the avatar of @ann:x', false],
    [lock, 'lock account @ann:x', true],
    [{ ...lock, restriction: 'erase' }, 'erase account @ann:x', true],
    [unlock, 'unlock account @ann:x', false],
    [{ ...unlock, restriction: 'suspend' }, 'unsuspend account @ann:x', false],
    [{ ...unlock, restriction: 'deactivate' }, 'reactivate account @ann:x', false],
    [{ ...unlock, restriction: 'erase' }, 'reactivate account @ann:x', false],
    [grant, 'make @ann:x a server admin', false],
    [revoke, 'take the right of a server admin from @ann:x', true],
    [join, 'join @ann:x to !eng:x', false],
    [kick, 'remove @bob:x from !ops:x', true],
    [levels(false), 'set power levels in !eng:x: @ann:x 50, @bob:x as everybody', false],
    [levels(true), 'set power levels in !eng:x: @ann:x 50, @bob:x as everybody', true],
  ])('is a line, and takes something away or not: %o', (change, line, takes) => {
    expect(describeChange(change)).toBe(line);
    expect(takesAway(change)).toBe(takes);
    expect(CHANGE_KINDS).toContain(change.kind);
  });

  it('of one person comes in an order that takes away before it gives, and knows no chance', () => {
    const other: PersonChange = { ...join, roomId: OPS };
    const wanted = [revoke, kick, lock, create, unlock, update, avatar, grant, join, other];
    expect(inOrder(wanted)).toEqual(wanted);
    expect(inOrder(wanted.toReversed())).toEqual(wanted);
    expect(inOrder([other, join, ...wanted.slice(0, 8)])).toEqual(wanted);
    const both = [{ ...unlock, restriction: 'deactivate' as const }, unlock];
    expect(inOrder([join, ...both])).toEqual([...both, join]);
    expect(inOrder(both.toReversed())).toEqual(both.toReversed());
  });
});

const nothing = { changes: [], findings: [], problems: [], notes: [], held: [], toMake: [] };
const finding: Finding = {
  code: 'left',
  blocking: false,
  message: '@ann:x left !ops:x',
  account: ANN,
  roomId: OPS,
};

describe('a plan for a person to read', () => {
  const names = new Map<string, string>([
    [ENG, '#eng:x'],
    ['g1', 'Engineering'],
  ]);

  it('says what is taken away before what is given, and what stands in the way', () => {
    const plan = {
      changes: [join, kick, create, { ...kick, via: [] }],
      findings: [finding],
      problems: [{ target: '!b', message: '!b did not answer' }],
      notes: ['the map has no such group'],
      held: ['3 removals from #eng:x'],
      toMake: ['#new:x'],
    };
    expect(renderPlan(plan, names).split('\n')).toEqual([
      'Takes away:',
      '  - remove @bob:x from !ops:x (was let in by Engineering, g2)',
      '  - remove @bob:x from !ops:x (no group lets her in)',
      '',
      'Gives and updates:',
      '  + make #new:x, and join whom it is open to',
      '  + join @ann:x to #eng:x (Engineering, everybody)',
      '  + create account @ann:x',
      '',
      'Would be held until you approve (usher held):',
      '  ! 3 removals from #eng:x',
      '',
      'To know:',
      '  ! @ann:x left !ops:x',
      '  ! the map has no such group',
      '',
      'Can not be read:',
      '  ! !b did not answer',
      '',
      '5 changes: 2 take away, 3 give or update.',
    ]);
  });

  it.each([
    ['all is right', {}, 'Nothing to do: the homeserver is as it should be.'],
    ['there is only something to know', { findings: [finding] }, 'Nothing to do now; but see above.'],
    ['there is only a note', { notes: ['a note'] }, 'Nothing to do now; but see above.'],
    [
      'something can not be read',
      { problems: [{ target: 'a', message: 'b' }] },
      'Nothing to do now; but see above.',
    ],
    [
      'there is something to know, and something can not be read',
      { findings: [finding], problems: [{ target: 'a', message: 'b' }] },
      'Nothing to do now; but see above.',
    ],
    ['only something is taken', { changes: [kick] }, '1 changes: 1 take away, 0 give or update.'],
  ])('ends with what it comes to: %s', (_title, changes, last) => {
    expect(
      renderPlan({ ...nothing, ...changes }, names)
        .split('\n')
        .at(-1),
    ).toBe(last);
  });

  it('has no headings without lines', () => {
    expect(renderPlan(nothing, names)).not.toContain(':\n');
    expect(renderPlan(nothing, names).split('\n')).toHaveLength(1);
  });
});
