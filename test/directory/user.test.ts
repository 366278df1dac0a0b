import { describe, expect, it } from 'vitest';
import { profileOf } from '../../src/directory/user.ts';

const A = 'https://photos.example.com/a';
const B = 'http://photos.example.com/b?size=64';
const DATA = 'data:image/png;base64,iVBORw0KGgo=';

describe('the photo of a user', () => {
  it.each<[string, unknown, string | undefined]>([
    ['the only one', [{ value: A }], A],
    [
      'the primary one',
      [
        { value: A, type: 'photo' },
        { value: B, type: 'thumbnail', primary: true },
      ],
      B,
    ],
    [
      'a photo before a thumbnail',
      [
        { value: A, type: 'thumbnail' },
        { value: B, type: 'Photo' },
      ],
      B,
    ],
    [
      'the first of several',
      [
        { value: A, type: 'thumbnail' },
        { value: B, type: 'thumbnail' },
      ],
      A,
    ],
    ['an image in its address', [{ value: DATA }], DATA],
    ['one with blanks around it', [{ value: ` ${A}\n` }], A],
    [
      'what can be fetched, whatever is primary',
      [{ value: 'ftp://x.org/a', primary: true }, { value: A }],
      A,
    ],
    ['none of another kind', [{ value: 'file:///etc/passwd' }], undefined],
    ['no page', [{ value: 'data:text/html;base64,AA==' }], undefined],
    ['no data that is not in base64', [{ value: 'data:image/svg+xml,<svg/>' }], undefined],
    ['no relative address', [{ value: '/photos/a' }], undefined],
    ['no text with blanks', [{ value: 'http://x.org/a b' }], undefined],
    ['none of no value', [{ type: 'photo', primary: true }, { value: '' }, null, 'x'], undefined],
    ['none of another type', { value: A }, undefined],
    ['none of none', undefined, undefined],
  ])('is %s', (_title, photos, photo) => {
    expect(profileOf({ userName: 'ann', photos })).toMatchObject({ photo });
  });
});

describe('the e-mail of a user', () => {
  it.each<[string, unknown, string | undefined]>([
    ['the primary one', [{ value: 'a@x.org' }, { value: 'b@x.org', primary: true }], 'b@x.org'],
    ['the first one', [{ value: ' a@x.org ' }, { value: 'b@x.org' }], 'a@x.org'],
    ['one that has a value', [{ primary: true }, { value: 'b@x.org' }], 'b@x.org'],
    ['none', [], undefined],
  ])('is %s', (_title, emails, email) => {
    expect(profileOf({ userName: 'ann', emails })).toMatchObject({ email });
  });
});
