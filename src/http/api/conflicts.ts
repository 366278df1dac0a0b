import { z } from 'zod';
import { conflictJson, listConflicts } from '../../desk/conflicts.ts';
import type { OpenDesk } from '../../desk/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { pageIn, pageOf, pageQuery, shownPage, step } from './values.ts';

const conflict = z.object({
  ...{ scimId: z.string(), userName: z.string().optional(), displayName: z.string().optional() },
  isLinked: z.boolean().describe('Whether the account is recorded to be hers'),
  ...{ account: z.string().optional(), code: z.string().optional(), message: z.string() },
  waysOut: z.array(step.partial().extend({ text: z.string() })).readonly(),
});

/** People who get nothing until a person mends it. */
export function conflictEndpoints({ open }: OpenDesk): readonly Endpoint[] {
  return [
    endpoint({
      ...{ method: 'get', path: '/conflicts', scope: 'admin:read', tag: 'People' },
      summary: 'List who is in conflict, with the ways out',
      ...{ query: pageQuery, answer: pageOf(conflict) },
      async handle({ query }) {
        const { items, next } = await listConflicts(open(), pageIn(query));
        return shownPage({ items: items.map(conflictJson), next });
      },
    }),
  ];
}
