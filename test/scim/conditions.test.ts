import { describe, expect, it } from 'vitest';
import { splitFilter } from '../../src/scim/conditions.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { groupType, userType } from '../../src/scim/schema/resource-type.ts';

const splitUsers = (filter: string) => splitFilter(parseFilter(filter, userType), userType);
const splitGroups = (filter: string) => splitFilter(parseFilter(filter, groupType), groupType);

describe('a filter that an index can answer', () => {
  it('is handed to the index', () => {
    expect(splitUsers('userName eq "ann"')).toEqual({ where: { userName: 'ann' }, rest: undefined });
    expect(splitUsers('id eq "1" and externalId eq "e"')).toEqual({
      where: { id: '1', externalId: 'e' },
      rest: undefined,
    });
    expect(splitGroups('displayName eq "staff"')).toEqual({
      where: { displayName: 'staff' },
      rest: undefined,
    });
  });

  it.each(['members.value eq "u1"', 'members eq "u1"', 'members[value eq "u1"]'])('may be %s', (filter) => {
    expect(splitGroups(filter)).toEqual({ where: { member: 'u1' }, rest: undefined });
  });

  it('leaves the rest to be asked of each resource', () => {
    const { where, rest } = splitUsers('userName eq "ann" and active eq true and title pr');

    expect(where).toEqual({ userName: 'ann' });
    expect(rest).toMatchObject({ kind: 'and', filters: [{ kind: 'compare' }, { kind: 'present' }] });
  });

  it('is asked of each resource where it wants two things of one attribute', () => {
    const { where, rest } = splitUsers('userName eq "ann" and userName eq "bob"');

    expect(where).toEqual({ userName: 'ann' });
    expect(rest).toMatchObject({ kind: 'compare', value: 'bob' });
  });

  it.each([
    'userName eq "ann" or active eq true',
    'not (userName eq "ann")',
    'userName ne "ann"',
    'displayName eq "Ann"',
  ])('is not %s', (filter) => {
    expect(splitUsers(filter)).toEqual({ where: {}, rest: parseFilter(filter, userType) });
  });

  it('is no filter at all for a list of everything', () => {
    expect(splitFilter(undefined, userType)).toEqual({ where: {}, rest: undefined });
  });
});

describe('a filter about members that no index answers', () => {
  it.each([
    'members.value co "u"',
    'members pr',
    'not (members.value eq "u1")',
    'members.value eq "u1" or displayName eq "staff"',
    'members.value eq "u1" and members.value eq "u2"',
    'members[value eq "u1" and type eq "User"]',
  ])('is refused rather than ignored: %s', (filter) => {
    expect(() => splitGroups(filter)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidFilter' }),
    );
  });

  it('is refused for the groups of a user as well', () => {
    expect(() => splitUsers('groups.value eq "g1"')).toThrow(
      expect.objectContaining({ scimType: 'invalidFilter' }),
    );
  });
});
