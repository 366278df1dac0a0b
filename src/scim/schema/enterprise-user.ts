import { ENTERPRISE_USER } from '../urns.ts';
import { complex, reference, type Schema, string } from './attribute.ts';

/** RFC 7643 §4.3 and §8.7.1. */
export const enterpriseUserSchema: Schema = {
  id: ENTERPRISE_USER,
  name: 'EnterpriseUser',
  description: 'Enterprise user',
  attributes: [
    string('employeeNumber', 'The number of the employee.'),
    string('costCenter', 'The name of the cost center.'),
    string('organization', 'The name of the organization.'),
    string('division', 'The name of the division.'),
    string('department', 'The name of the department.'),
    complex('manager', "The user's manager.", [
      string('value', 'The id of the manager.', { caseExact: true }),
      reference('$ref', 'The URI of the manager.', ['User']),
      string('displayName', 'The name of the manager.', { mutability: 'readOnly' }),
    ]),
  ],
};
