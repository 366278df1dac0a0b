import { describe, expect, it } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import type { UserId } from '../../src/matrix/ids.ts';
import { takeCensus } from '../../src/plan/census.ts';
import type { RoomRecord } from '../../src/plan/rooms.ts';

const ID = 'u1' as ResourceId;
const ANN = '@ann:example.com' as UserId;

function census(input: {
  isOpen: boolean;
  hasAccount?: boolean;
  state?: RoomRecord['state'];
  isIn: boolean;
}) {
  const { isOpen, hasAccount = true, state, isIn } = input;
  const { ended, missing } = takeCensus({
    open: new Map(isOpen ? [[ID, hasAccount ? ANN : undefined]] : []),
    records: new Map(state === undefined ? [] : [[ANN, { state, via: [], mode: 'granted' }]]),
    joined: new Set(isIn ? [ANN] : []),
  });
  return { ended: ended.length > 0, missing: missing.length > 0 };
}

describe('census of a room', () => {
  it.each([
    ['nobody when all is right', { isOpen: true, state: 'joined' as const, isIn: true }, false, false],
    ['who is out and was never in', { isOpen: true, isIn: false }, false, true],
    ['who is in without a record', { isOpen: true, isIn: true }, false, true],
    ['who is out though joined before', { isOpen: true, state: 'joined' as const, isIn: false }, false, true],
    ['who has no account yet', { isOpen: true, hasAccount: false, isIn: false }, false, true],
    ['nobody who left and stayed away', { isOpen: true, state: 'left' as const, isIn: false }, false, false],
    ['who left and came back', { isOpen: true, state: 'left' as const, isIn: true }, false, true],
    ['nobody who is banned', { isOpen: true, state: 'banned' as const, isIn: false }, false, false],
    ['whose entitlement ended', { isOpen: false, state: 'joined' as const, isIn: true }, true, false],
    ['nobody who was never entitled', { isOpen: false, isIn: true }, false, false],
  ])('spots %s', (_title, input, ended, missing) => {
    expect(census(input)).toEqual({ ended, missing });
  });
});
