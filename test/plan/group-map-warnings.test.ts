import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { warningsOf } from '../../src/plan/group-map-warnings.ts';

function warningsIn(text: string, serverName: string | undefined = 'x.org'): string[] {
  return warningsOf(parseGroupMap(text), { serverName }).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

const foreign = (room: string) =>
  `${room} has the name of another server, so people can be added only while somebody of x.org is in that room: join it by hand first, or write an alias of x.org`;

describe('warnings of a group map', () => {
  it.each([
    ['{"g": "#a:y.org"}', `1:7 ${foreign('#a:y.org')}`],
    ['{"g": ["#a:x.org",\n"!a:y.org:8448"]}', `2:1 ${foreign('!a:y.org:8448')}`],
    ['{"g": {"room": "#s:x.org", "children": ["#a:x.org", "#a:y.org"]}}', `1:7 ${foreign('#a:y.org')}`],
    [
      '{"g": {"room": "#a:y.org", "create": true}}',
      '1:7 #a:y.org is to be made, and is no alias of x.org, so Usher can not make it: write "#…:x.org"',
    ],
    [
      '{"g": {"room": "#a:x.org", "mode": "exclusive"},\n"*": {"room": "#a:x.org", "mode": "exclusive"}}',
      '1:7 #a:x.org is "exclusive" and open to "*", so only those are removed whom no identity provider calls active: write "granted" if they may stay',
    ],
    [
      '{"g": {"room": "#a:x.org", "mode": "exclusive", "create": {"private": false}}}',
      '1:7 #a:x.org is "exclusive", and made for anybody to come in, so whom Usher removes can come back: leave out "private": false',
    ],
    [
      '{"g": {"room": "#s:x.org", "create": {"space": true}, "children": ["#a:y.org"]}}',
      `1:7 ${foreign('#a:y.org')}`,
    ],
    [
      '{"g": {"room": "#a:x.org", "powerLevel": 100}}',
      '1:7 the power level 100 in #a:x.org is that of the bot, so who has it can be neither lowered nor removed by Usher: write 99 or less',
    ],
    [
      '{"*": {"room": "#a:x.org", "powerLevel": 50}}',
      '1:7 "*" has the power level 50 in #a:x.org, so everybody is a moderator there: write it at a group instead',
    ],
    [
      '{"h": {"admin": true},\n"name:Ops": ["#a:x.org", {"admin": true}], "name:Off": {"admin": false}}',
      '2:26 "name:Ops" makes server admins, by the display name of a group, so who may give a group that name at an identity provider decides who is one: write the external id of the group',
    ],
  ])('are there for %s', (text, ...warnings) => {
    expect(warningsIn(text)).toEqual(warnings);
  });

  it('come once for each room, where it stands first', () => {
    expect(warningsIn('{"g": "#a:y.org",\n"h": ["#a:y.org"],\n"*": "#b:y.org"}')).toEqual([
      `1:7 ${foreign('#a:y.org')}`,
      `3:6 ${foreign('#b:y.org')}`,
    ]);
  });

  it.each([
    ['{"g": ["#a:x.org", "!a:x.org", "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"]}'],
    ['{"*": {"room": "#a:x.org", "powerLevel": 49}}'],
    ['{"g": {"room": "#a:x.org", "mode": "exclusive", "create": true, "powerLevel": 99}}'],
    ['{"g": {"room": "#a:x.org", "create": {"private": false}}}'],
    ['{"g": {"room": "#a:x.org", "powerLevel": 100}, "h": {"room": "#a:x.org", "create": true}}'],
  ])('are not there for %s', (text) => {
    expect(warningsIn(text)).toEqual([]);
  });

  it('do not judge names while our own server is not known, nor the shipped example', () => {
    const example = readFileSync(new URL('../../group-map.example.jsonc', import.meta.url), 'utf8');

    expect(warningsOf(parseGroupMap('{"g": "#a:y.org"}'), { serverName: undefined })).toEqual([]);
    expect(warningsIn(example, 'example.com')).toEqual([]);
  });
});
