import { describe, expect, it } from 'vitest';
import { ScimError } from '../../src/scim/error.ts';
import { matcher } from '../../src/scim/evaluate.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { groupType, userType } from '../../src/scim/schema/resource-type.ts';
import { ENTERPRISE, USER } from '../support/scim/client.ts';

const ann = {
  schemas: [USER],
  id: 'A1',
  externalId: 'Ext-1',
  userName: 'Ann@example.com',
  displayName: 'Änn "the boss" O\\Hara',
  title: '',
  active: true,
  name: { givenName: 'Ann', familyName: "O'Hara" },
  emails: [
    { type: 'home', value: 'ann@home.example', primary: true },
    { type: 'work', value: 'ann@work.example' },
  ],
  [ENTERPRISE]: { department: 'R&D', manager: { value: 'B2', $ref: 'https://x/Users/B2' } },
  meta: {
    resourceType: 'User',
    created: '2026-01-01T00:00:00.000Z',
    lastModified: '2026-02-01T12:00:00.000Z',
  },
};

const meets = (filter: string) => matcher(parseFilter(filter, userType))(ann);

describe('a filter', () => {
  it.each([
    // comparison by the schema's caseExact
    ['userName eq "ANN@EXAMPLE.COM"', true],
    ['USERNAME EQ "ann@example.com"', true],
    ['externalId eq "Ext-1"', true],
    ['externalId eq "ext-1"', false],
    ['id eq "a1"', false],
    // operators
    ['userName ne "bob"', true],
    ['nickName ne "bob"', true],
    ['nickName eq "bob"', false],
    ['userName co "n@ex"', true],
    ['userName sw "ann"', true],
    ['userName ew ".COM"', true],
    ['userName gt "amy"', true],
    ['userName lt "amy"', false],
    ['userName ge "ann@example.com"', true],
    ['userName le "ann@example.com"', true],
    ['userName gt "ann@example.com"', false],
    ['userName lt "ann@example.com"', false],
    ['userName ge "bob"', false],
    ['userName le "amy"', false],
    ['userName ge "amy"', true],
    ['userName le "bob"', true],
    ['userName lt "bob"', true],
    ['userName gt "bob"', false],
    ['userName co "bob"', false],
    ['userName sw "nn"', false],
    ['userName ew "ann"', false],
    ['userName ne "ANN@example.com"', false],
    ['externalId ne "ext-1"', true],
    ['nickName gt "a"', false],
    ['nickName co ""', false],
    ['nickName ne null', false],
    ['userName eq null', false],
    ['active ne true', false],
    ['active eq false', false],
    ['userName pr', true],
    ['nickName pr', false],
    ['title pr', false],
    ['nickName eq null', true],
    ['userName ne null', true],
    ['active eq true', true],
    ['active ne false', true],
    // JSON texts
    ['displayName eq "\\u00e4nn \\"the boss\\" O\\\\Hara"', true],
    ['displayName ew "\\\\"', false],
    // precedence and grouping
    ['userName eq "x" and active eq true or active eq true', true],
    ['userName eq "x" and (active eq true or active eq true)', false],
    ['not (userName eq "x")', true],
    ['not(active eq true) or active eq true', true],
    ['active eq true AND NOT (nickName pr)', true],
    ['((active eq true))', true],
    // parts and lists
    ['name.familyName eq "o\'hara"', true],
    ['name pr', true],
    ['emails.value eq "ANN@WORK.EXAMPLE"', true],
    ['emails co "work"', true],
    ['emails.type eq "work" and emails.value eq "ann@home.example"', true],
    ['emails[type eq "work" and value eq "ann@home.example"]', false],
    ['emails[type eq "work"].value eq "ann@home.example"', false],
    ['emails[type eq "work"].value eq "ann@work.example"', true],
    ['emails[primary eq true].value co "home"', true],
    ['emails[not (primary pr)].type eq "work"', true],
    ['emails[type eq "other"]', false],
    ['emails.value ne "ann@home.example"', false],
    ['emails.value ne "bob@home.example"', true],
    ['emails.type eq "work" and emails.type eq "home"', true],
    ['emails.type eq "work" and emails.type eq "other"', false],
    ['emails.type eq "other" or emails.type eq "home"', true],
    ['emails.type eq "other" or emails.type eq "else"', false],
    ['emails.type eq "other" or emails pr', true],
    ['emails.type eq "work" and nickName pr', false],
    ['emails[type eq "work"] and emails[primary eq true]', true],
    ['emails[type eq "work" and primary eq true]', false],
    ['emails[type eq "work" or type eq "other"].value ew "example"', true],
    ['emails[type eq "WORK"].value pr', true],
    ['emails[type eq "work"].primary pr', false],
    ['name[familyName eq "o\'hara"]', true],
    ['name[familyName eq "ann"]', false],
    ['phoneNumbers pr', false],
    ['phoneNumbers[value pr]', false],
    ['phoneNumbers.value ne "1"', true],
    // names behind URNs
    [`${USER}:userName sw "ann"`, true],
    [`${ENTERPRISE}:department eq "r&d"`, true],
    [`${ENTERPRISE.toUpperCase()}:manager.value eq "B2"`, true],
    [`${ENTERPRISE}:manager eq "B2"`, true],
    [`${ENTERPRISE}:manager.$ref sw "https://x/"`, true],
    [`${ENTERPRISE}:costCenter pr`, false],
    ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:user"', true],
    // times
    ['meta.lastModified gt "2026-02-01T11:59:59Z"', true],
    ['meta.lastModified eq "2026-02-01T13:00:00+01:00"', true],
    ['meta.created lt "2025-12-31T23:59:59.999Z"', false],
  ])('%s is %s', (filter, expected) => {
    expect(meets(filter)).toBe(expected);
  });

  it('tells big letters from small where the schema does, whatever the alphabet', () => {
    expect(meets('displayName sw "äNN"')).toBe(true);
  });

  it.each([
    [''],
    ['   '],
    ['userName'],
    ['userName eq'],
    ['userName eq alice'],
    ["userName eq 'alice'"],
    ['userName eq "alice'],
    ['userName eq "\\x"'],
    ['userName is "alice"'],
    ['userName "eq" "alice"'],
    ['"userName" eq "alice"'],
    ['userName eq "a" "b"'],
    ['userName eq "a" and'],
    ['userName eq "a" xor active eq true'],
    ['(userName eq "a"'],
    ['userName eq "a")'],
    ['emails[type eq "work"'],
    ['emails[]'],
    ['not userName eq "a"'],
    ['not'],
    ['userName (active eq true)'],
    // names that are none, or not of this resource
    ['members.value eq "1"'],
    ['nonsense eq "a"'],
    ['name.nonsense eq "a"'],
    ['emails[nonsense eq "a"]'],
    ['emails[type eq "work"].nonsense eq "a"'],
    ['a.b.c eq "a"'],
    ['__proto__ eq "a"'],
    ['constructor pr'],
    ['userName[value eq "a"]'],
    ['urn:example:2.0:Thing:size eq "a"'],
    // comparisons that make no sense
    ['active eq "true"'],
    ['active gt true'],
    ['userName eq true'],
    ['userName eq 5'],
    ['userName gt null'],
    ['userName eq {}'],
    ['name eq "Ann"'],
    ['x509Certificates.value gt "a"'],
    ['x509Certificates.value co "a"'],
    ['meta.created sw "2026"'],
    ['meta.created gt true'],
    ['active co "tru"'],
    ['name gt "a"'],
    ['password eq "secret"'],
    ['password pr'],
    ['userName eq ['],
    ['userName (eq "a")'],
    ['userName eq ("a")'],
    ['(userName eq "a"]'],
    ['emails[type eq "work")'],
    ['emails[type eq "work"]value eq "a"'],
    ['emails[type eq "work"].'],
    ['emails[type eq "work"].value.more eq "a"'],
    ['.userName eq "a"'],
    ['userName. eq "a"'],
    [`${'a'.repeat(501)} eq "a"`],
    ['meta.created co "2026"'],
    ['meta.created gt "yesterday"'],
    // too much of it
    [`${'('.repeat(50)}active eq true${')'.repeat(50)}`],
    [`${'not('.repeat(5000)}active eq true${')'.repeat(5000)}`],
    [`userName eq "${'a'.repeat(20_000)}"`],
  ])('is refused with invalidFilter: %s', (filter) => {
    expect(() => parseFilter(filter, userType)).toThrow(ScimError);
    expect(() => parseFilter(filter, userType)).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidFilter' }),
    );
  });

  it.each<[string, object, boolean]>([
    ['title pr', { title: null }, false],
    ['title pr', { title: 'Dr' }, true],
    ['active pr', { active: false }, true],
    ['name pr', { name: {} }, false],
    ['name pr', { name: { givenName: '' } }, false],
    ['name pr', { name: { givenName: '', familyName: 'Lee' } }, true],
    ['emails pr', { emails: [] }, false],
    ['emails pr', { emails: [{}, { value: '' }] }, false],
    ['emails pr', { emails: [{}, { value: 'a' }] }, true],
    ['emails[type eq "work"]', { emails: ['work', null] }, false],
    // what is not of the type that the schema says meets nothing
    ['title co "5"', { title: 5 }, false],
    ['title eq "true"', { title: true }, false],
    ['title co "undefined"', { title: { a: 1 } }, false],
    ['title ge "a"', { title: { a: 1 } }, false],
    ['active eq true', { active: 'true' }, false],
    ['title ne "Dr"', { title: { a: 1 } }, true],
    ['meta.created le "2026-01-01T00:00:00Z"', { meta: { created: 'soon' } }, false],
  ])('%s of %j is %s', (filter, document, expected) => {
    expect(matcher(parseFilter(filter, userType))(document as typeof ann)).toBe(expected);
  });

  it('may be a long chain', () => {
    const chain = Array.from({ length: 300 }, (_, index) => `userName eq "u${index}"`).join(' or ');
    expect(meets(`${chain} or active eq true`)).toBe(true);
  });

  it.each([
    ['(', ')'],
    ['not (', ')'],
  ])('may be nested twenty times by "%s", and no more', (open, close) => {
    const nested = (depth: number) => `${open.repeat(depth)}active eq true${close.repeat(depth)}`;
    expect(meets(nested(20))).toBe(true);
    expect(() => meets(nested(21))).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it('may have any number of groups beside each other', () => {
    expect(meets(Array.from({ length: 50 }, () => '(active eq true)').join(' and '))).toBe(true);
    expect(meets(Array.from({ length: 50 }, () => 'emails[type eq "work"]').join(' and '))).toBe(true);
  });

  it('may have ten thousand characters, beside the blanks at its end', () => {
    const filter = (length: number) => `userName ne "${'a'.repeat(length - 14)}"`;
    expect(meets(filter(10_000))).toBe(true);
    expect(meets(`${filter(10_000)}   `)).toBe(true);
    expect(() => meets(filter(10_001))).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it('may name attributes of other resources, and those of its own first', () => {
    const parse = (text: string) => parseFilter(text, userType, [groupType]);
    expect(matcher(parse('members.value eq "A1"'))({ members: [{ value: 'A1' }] })).toBe(true);
    expect(matcher(parse('members pr'))({ members: [{ value: 'A1' }] })).toBe(true);
    expect(matcher(parse('displayName co "boss" and members.value eq "A1"'))(ann)).toBe(false);
    expect(() => parse('nonsense eq "a"')).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });

  it.each([
    ['userName eq "a" b', /Unexpected "b"/],
    ['"a" eq "b"', /attribute instead of "a"/],
    ['userName is "a"', /operator "is"/],
    ['userName "eq" "a"', /operator instead of "eq"/],
    ['userName eq )', /value instead of "\)"/],
    ['userName eq alice', /"alice" must stand in quotation marks/],
    ['userName eq', /ends too early/],
    ['(userName eq "a"', /ends too early/],
    ['(userName eq "a"]', /Expected "\)"/],
    ['nonsense eq "a"', /no attribute "nonsense"/],
    ['password eq "a"', /password is not kept/],
    ['userName[a eq "b"]', /userName has no sub-attributes/],
    ['name.givenName[a eq "b"]', /name\.givenName has no sub-attributes/],
    ['userName gt null', /null cannot be compared with gt/],
    ['active gt true', /active cannot be compared with gt/],
    ['active eq "a"', /active is compared with a boolean/],
    ['meta.created gt "soon"', /meta\.created is compared with a date and time/],
    ['name eq "Ann"', /name has no single value/],
    [`userName eq "${'a'.repeat(20_000)}"`, /Longer than 10000 characters/],
    ['userName eq "a', /Unreadable from character 12/],
    ['userName eq "\\x"', /not a JSON string/],
    ['userName eq "\\ud800"', /no text/],
    [`${'('.repeat(21)}active eq true${')'.repeat(21)}`, /deeper than 20 levels/],
  ])('that is refused says why: %s', (filter, detail) => {
    expect(() => parseFilter(filter, userType)).toThrow(
      expect.objectContaining({
        status: 400,
        scimType: 'invalidFilter',
        message: expect.stringMatching(detail),
      }),
    );
  });
});
