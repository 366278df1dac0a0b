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
    'title eq "Dr"',
    'externalId eq ""',
  ])('is not %s', (filter) => {
    expect(splitUsers(filter)).toEqual({ where: {}, rest: parseFilter(filter, userType) });
  });

  it('is no filter at all for a list of everything', () => {
    expect(splitFilter(undefined, userType)).toEqual({ where: {}, rest: undefined });
  });
});

describe('a filter about members or groups', () => {
  it.each([
    'members.value co "u"',
    'members pr',
    'not (members.value eq "u1")',
    'members.value eq "u1" or displayName eq "staff"',
  ])('is asked of each resource where no index answers it: %s', (filter) => {
    expect(splitGroups(filter)).toEqual({ where: {}, rest: parseFilter(filter, groupType) });
  });

  it.each<[string, object]>([
    ['members[value eq "u1" and type eq "User"]', { member: 'u1' }],
    ['members.value eq "u1" and members.value eq "u2"', { member: 'u1' }],
  ])('is asked of those that an index finds: %s', (filter, where) => {
    expect(splitGroups(filter)).toMatchObject({ where, rest: expect.anything() });
  });

  it.each<[string, object]>([
    ['groups.value eq "g1"', { group: 'g1' }],
    ['groups[value eq "g1"]', { group: 'g1' }],
    ['emails.value eq "a@b.c"', { email: 'a@b.c' }],
    ['displayName eq "Ann"', { displayName: 'Ann' }],
  ])('has an index for users: %s', (filter, where) => {
    expect(splitUsers(filter)).toEqual({ where, rest: undefined });
  });

  it('looks at those with the address for which of their addresses it is', () => {
    const { where, rest } = splitUsers('emails[type eq "work" and value eq "a@b.c"]');
    expect(where).toEqual({ email: 'a@b.c' });
    expect(rest).toMatchObject({ kind: 'some' });
  });
});
