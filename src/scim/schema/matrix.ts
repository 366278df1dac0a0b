import { MATRIX_GROUP, MATRIX_USER } from '../urns.ts';
import { complex, dateTime, type Schema, string } from './attribute.ts';

const readOnly = { mutability: 'readOnly', caseExact: true } as const;

/** What became of a user on the homeserver. Nobody but Usher writes it. */
export const matrixUserSchema: Schema = {
  id: MATRIX_USER,
  name: 'MatrixUser',
  description: 'The Matrix side of a user',
  attributes: [
    string('userId', 'The Matrix id of the account; absent while there is none.', readOnly),
    string('accountState', 'What Usher did to the account.', {
      ...readOnly,
      canonicalValues: ['none', 'pending', 'active', 'locked', 'suspended', 'deactivated'],
    }),
    complex(
      'rooms',
      'The rooms that are open to the user, as last recorded.',
      [
        string('value', 'The id of the room.', readOnly),
        string(
          'membership',
          'What became of it: granted is to come, left, kicked and banned are respected.',
          {
            ...readOnly,
            canonicalValues: ['granted', 'joined', 'left', 'kicked', 'banned'],
          },
        ),
        dateTime('since', 'When the room was opened to the user.', readOnly),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    string('lastError', 'Why the user is not as she should be, if so.', readOnly),
  ],
};

/** The rooms that the group map gives a group. Nobody but Usher writes it. */
export const matrixGroupSchema: Schema = {
  id: MATRIX_GROUP,
  name: 'MatrixGroup',
  description: 'The Matrix side of a group',
  attributes: [
    complex(
      'rooms',
      'The rooms that the group opens to its members.',
      [
        string('value', 'The alias or id, as in the group map.', readOnly),
        string('roomId', 'The id of the room; absent while it was never found.', readOnly),
        string('mode', 'What becomes of those whom the room is not open to (any more).', {
          ...readOnly,
          canonicalValues: ['granted', 'additive', 'exclusive'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    string('lastError', 'Which of the rooms is a problem, if so.', readOnly),
  ],
};
