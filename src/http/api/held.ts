import { z } from 'zod';
import { decideHold, type Verdict } from '../../desk/decide.ts';
import type { OpenDesk } from '../../desk/desk.ts';
import { Refused } from '../../desk/error.ts';
import { holdJson, numbersOf, readHolds } from '../../desk/held.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { momentText } from './values.ts';

const change = z.object({
  ...{ kind: z.enum(['kick', 'restrict', 'lower']), account: z.string(), roomId: z.string().optional() },
  ...{ userId: z.string().optional(), detail: z.string(), cause: z.string().optional(), since: momentText },
});

const hold = z.object({
  digest: z.string().describe('Another one as soon as anything in the hold is'),
  ...{ scope: z.string(), reason: z.string(), since: momentText },
  verdict: z.literal('rejected').optional().describe('Still wanted, and can still be approved'),
  count: z.number(),
  numbers: z.string().describe('How many of what, in words'),
  changes: z.array(change).readonly().describe('The first of them'),
});

const MOST = 1000;

/** What waits for a decision. */
export function heldEndpoints({ open, decided }: OpenDesk): readonly Endpoint[] {
  const decision = (verdict: Verdict, path: string, summary: string): Endpoint =>
    endpoint({
      ...{ method: 'post', path, scope: 'admin', tag: 'Held', summary },
      params: z.object({ digest: z.string() }),
      answer: z.object({
        wasDecided: z.boolean().describe('So before: then nothing was done'),
        numbers: z.string().optional().describe('How many of what; none: there was nothing in it'),
        people: z.number().describe('Who are looked at because of it'),
        digest: z.string().optional().describe('Of what was rejected, to take it back by approving'),
      }),
      async handle({ params, holder }) {
        const { store, now } = open();
        const found = (await readHolds(store)).find(({ digest }) => digest === params.digest);
        if (found === undefined) {
          throw new Refused(`there is no hold ${params.digest} now; it may have changed. Nothing was done.`);
        }
        if (found.verdict === verdict) {
          return { wasDecided: true, numbers: numbersOf(found.changes), people: 0, digest: found.digest };
        }
        if (verdict === 'rejected' && found.changes.length === 0) {
          throw new Refused(`there is nothing in ${found.digest} to be kept yet. Approving ends it.`);
        }
        const done = await decideHold(store, found, verdict, { who: holder.name, now });
        decided();
        return { wasDecided: false, ...done };
      },
    });
  return [
    endpoint({
      ...{ method: 'get', path: '/held', scope: 'admin:read', tag: 'Held' },
      summary: 'List what waits for a decision, and what was rejected and is still wanted',
      query: z.strictObject({
        changes: z.coerce
          .number()
          .int()
          .min(0)
          .max(MOST)
          .default(20)
          .describe('How many to show of each hold'),
      }),
      answer: z.object({ holds: z.array(hold).readonly() }),
      async handle({ query }) {
        const holds = await readHolds(open().store);
        return {
          holds: holds.map((each) => ({
            ...holdJson({ ...each, changes: each.changes.slice(0, query.changes) }),
            ...{ count: each.changes.length, numbers: numbersOf(each.changes) },
          })),
        };
      },
    }),
    decision('approved', '/held/{digest}/approve', 'Let happen exactly what is in a hold'),
    decision('rejected', '/held/{digest}/reject', 'Keep from happening exactly what is in a hold'),
  ];
}
