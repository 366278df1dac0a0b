import { z } from 'zod';
import { decideHold, type Verdict } from '../../desk/decide.ts';
import { type Desk, type OpenDesk, roomNames } from '../../desk/desk.ts';
import { Refused, UnknownName } from '../../desk/error.ts';
import {
  changeJson,
  holdJson,
  numbersOf,
  pageOfHolds,
  readChanges,
  readHolds,
  tallyOf,
} from '../../desk/held.ts';
import { type HeldChange, type HoldView, sizeOf } from '../../plan/holds.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { momentText, pageIn, pageOf, pageQuery, shownPage } from './values.ts';

const change = z.object({
  ...{
    kind: z.enum(['kick', 'restrict', 'lower', 'revoke-admin']),
    account: z.string(),
    roomId: z.string().optional(),
  },
  room: z.string().optional().describe('The room as the map calls it'),
  ...{ userId: z.string().optional(), detail: z.string(), cause: z.string().optional(), since: momentText },
});

const hold = z.object({
  digest: z.string().describe('Another one as soon as anything in the hold is'),
  ...{ scope: z.string(), reason: z.string(), since: momentText },
  verdict: z.literal('rejected').optional().describe('Still wanted, and can still be approved'),
  count: z.number(),
  numbers: z.string().describe('How many of what, in words'),
  changes: z.array(change).readonly().describe('The first of them; /held/{digest}/changes has all'),
});

const byDigest = z.object({ digest: z.string() });

/** Of each hold, on the page that has all holds. */
const MOST_CHANGES = 50;

/** What waits for a decision. */
export function heldEndpoints({ open, decided }: OpenDesk): readonly Endpoint[] {
  const decision = (verdict: Verdict, path: string, summary: string): Endpoint =>
    endpoint({
      ...{ method: 'post', path, scope: 'admin', tag: 'Held', summary },
      params: byDigest,
      answer: z.object({
        wasDecided: z.boolean().describe('So before: then nothing was done'),
        numbers: z.string().optional().describe('How many of what; none: there was nothing in it'),
        people: z.number().describe('Who are looked at because of it'),
        digest: z.string().optional().describe('Of what was rejected, to take it back by approving'),
      }),
      async handle({ params, holder }) {
        const { store, now } = open();
        const found = await findHold(store, params.digest);
        if (found === undefined) throw new Refused(`${gone(params.digest)} Nothing was done.`);
        if (found.verdict === verdict) {
          return { wasDecided: true, numbers: numbersOf(found.counts), people: 0, digest: found.digest };
        }
        if (verdict === 'rejected' && sizeOf(found) === 0) {
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
      query: pageQuery.extend({
        changes: z.coerce
          .number()
          .int()
          .min(0)
          .max(MOST_CHANGES)
          .default(10)
          .describe('How many to show of each hold'),
      }),
      answer: z.object({
        waiting: z.number().describe('How many holds wait for a decision'),
        rejected: z.number().describe('How many were rejected, and are still wanted'),
        holds: z.array(hold).readonly(),
        next: pageOf(hold).shape.next,
      }),
      async handle({ query }) {
        const desk = open();
        const holds = await readHolds(desk.store);
        const { items, next } = pageOfHolds(holds, pageIn(query));
        const show = await createShower(desk);
        const shown = [];
        for (const each of items) {
          const first = { cursor: undefined, limit: query.changes };
          const changes = query.changes === 0 ? [] : (await readChanges(desk.store, each, first)).items;
          shown.push({ ...holdJson(each), numbers: numbersOf(each.counts), changes: changes.map(show) });
        }
        return { ...tallyOf(holds), holds: shown, next: next ?? null };
      },
    }),
    endpoint({
      ...{ method: 'get', path: '/held/{digest}/changes', scope: 'admin:read', tag: 'Held' },
      summary: 'List what is in a hold, by account; 404 once that is another',
      ...{ params: byDigest, query: pageQuery, answer: pageOf(change) },
      async handle({ params, query }) {
        const desk = open();
        const found = await findHold(desk.store, params.digest);
        if (found === undefined) throw new UnknownName(gone(params.digest));
        const { items, next } = await readChanges(desk.store, found, pageIn(query));
        return shownPage({ items: items.map(await createShower(desk)), next });
      },
    }),
    decision('approved', '/held/{digest}/approve', 'Let happen exactly what is in a hold'),
    decision('rejected', '/held/{digest}/reject', 'Keep from happening exactly what is in a hold'),
  ];
}

function gone(digest: string): string {
  return `there is no hold ${digest} now; it may have changed.`;
}

async function findHold(store: Desk['store'], wanted: string): Promise<HoldView | undefined> {
  return (await readHolds(store)).find(({ digest }) => digest === wanted);
}

/** Shows a change with the name of its room. */
async function createShower(desk: Desk) {
  const names = await roomNames(desk);
  return (each: HeldChange) => ({ ...changeJson(each), room: names.get(each.roomId ?? '') });
}
