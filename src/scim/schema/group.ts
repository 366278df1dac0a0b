import { GROUP } from '../urns.ts';
import { complex, reference, type Schema, string } from './attribute.ts';

/** RFC 7643 §4.2 and §8.7.1, where `displayName` is required by the text and not by the listing. */
export const groupSchema: Schema = {
  id: GROUP,
  name: 'Group',
  description: 'Group of users and groups',
  attributes: [
    string('displayName', 'The name of the group.', { required: true, uniqueness: 'server' }),
    complex(
      'members',
      'The direct members of the group.',
      [
        string('value', 'The id of the user or group.', { mutability: 'immutable', caseExact: true }),
        reference('$ref', 'The URI of the user or group.', ['User', 'Group'], { mutability: 'immutable' }),
        string('type', 'Whether the member is a user or a group.', {
          mutability: 'immutable',
          canonicalValues: ['User', 'Group'],
        }),
      ],
      { multiValued: true },
    ),
  ],
};
