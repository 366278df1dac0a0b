import { USER } from '../urns.ts';
import {
  type Attribute,
  binary,
  boolean,
  complex,
  plural,
  reference,
  type Schema,
  string,
} from './attribute.ts';

const name = complex('name', 'The parts of the name.', [
  string('formatted', 'The full name, as it is shown.'),
  string('familyName', 'The family name.'),
  string('givenName', 'The given name.'),
  string('middleName', 'The middle names.'),
  string('honorificPrefix', 'Titles before the name.'),
  string('honorificSuffix', 'Suffixes after the name.'),
]);

const addresses = complex(
  'addresses',
  'Postal addresses.',
  [
    string('formatted', 'The full address, as it is shown.'),
    string('streetAddress', 'Street and number.'),
    string('locality', 'City.'),
    string('region', 'State or region.'),
    string('postalCode', 'Postal code.'),
    string('country', 'Country.'),
    string('type', 'What the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
    boolean('primary', 'Whether this is the preferred address; true for one at most.'),
  ],
  { multiValued: true },
);

const groups = complex(
  'groups',
  'The groups that the user is in. Changed through the groups only.',
  [
    string('value', 'The id of the group.', { mutability: 'readOnly', caseExact: true }),
    reference('$ref', 'The URI of the group.', ['Group'], { mutability: 'readOnly' }),
    string('display', 'The name of the group.', { mutability: 'readOnly' }),
    string('type', 'Whether the user is a member of the group itself, or of a group inside it.', {
      mutability: 'readOnly',
      canonicalValues: ['direct', 'indirect'],
    }),
  ],
  { multiValued: true, mutability: 'readOnly' },
);

const attributes: readonly Attribute[] = [
  string(
    'userName',
    'The name the user signs in with at the provider. The Matrix account is named after it.',
    {
      required: true,
      uniqueness: 'server',
    },
  ),
  name,
  string('displayName', 'The name to show; becomes the display name in Matrix.'),
  string('nickName', 'The casual name.'),
  reference('profileUrl', 'A page about the user.', ['external']),
  string('title', 'The job title.'),
  string('userType', 'The relation to the organization.'),
  string('preferredLanguage', 'The preferred language.'),
  string('locale', 'The locale for dates, numbers and currencies.'),
  string('timezone', 'The time zone.'),
  boolean('active', 'Whether the user may be in rooms. Absent means true.'),
  string('password', 'Accepted and dropped: accounts sign in through the provider.', {
    mutability: 'writeOnly',
    returned: 'never',
  }),
  plural('emails', 'E-mail addresses.', string('value', 'The address.'), ['work', 'home', 'other']),
  plural('phoneNumbers', 'Telephone numbers.', string('value', 'The number.'), [
    'work',
    'home',
    'mobile',
    'fax',
    'pager',
    'other',
  ]),
  plural('ims', 'Instant messaging addresses.', string('value', 'The address.')),
  plural('photos', 'Pictures of the user.', reference('value', 'The URI of the picture.', ['external']), [
    'photo',
    'thumbnail',
  ]),
  addresses,
  groups,
  plural('entitlements', 'Entitlements at the provider.', string('value', 'The entitlement.')),
  plural('roles', 'Roles at the provider.', string('value', 'The role.')),
  plural('x509Certificates', 'Certificates of the user.', binary('value', 'The certificate, DER in base64.')),
];

/** RFC 7643 §4.1 and §8.7.1. */
export const userSchema: Schema = { id: USER, name: 'User', description: 'User Account', attributes };
