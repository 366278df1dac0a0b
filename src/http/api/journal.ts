import { PassThrough, pipeline, Readable } from 'node:stream';
import { z } from 'zod';
import type { OpenDesk } from '../../desk/desk.ts';
import { exportJournal, followJournal, journalFilter, listJournal } from '../../desk/journal.ts';
import { type Endpoint, endpoint, streaming } from './endpoint.ts';
import { journalEntry } from './explanation.ts';
import { ApiProblem } from './problem.ts';
import { pageIn, pageOf, pageQuery, shownPage } from './values.ts';

const row = z.object({
  seq: z.number().describe('Counts the entries'),
  ...journalEntry,
  room: z.string().optional().describe('The room as the map calls it'),
});

const filter = {
  account: z.string().max(256).optional().describe('Matrix id; or SCIM id or user name of who has it'),
  room: z.string().max(256).optional().describe('Alias or id'),
  action: z.string().max(64).optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .optional(),
};

/** Who follow the journal at once: each costs a look a second. */
const MOST_FOLLOWERS = 50;

/** What was done and found, and why. */
export function journalEndpoints({ open, closing }: OpenDesk): readonly Endpoint[] {
  const about = { method: 'get', scope: 'admin:read', tag: 'Journal' } as const;
  let followers = 0;
  return [
    endpoint({
      ...{ ...about, path: '/journal', summary: 'List what was done and found, the newest first' },
      ...{ query: pageQuery.extend(filter), answer: pageOf(row) },
      async handle({ query }) {
        const desk = open();
        const wanted = await journalFilter(desk, query);
        return shownPage(await listJournal(desk.store, { ...wanted, ...pageIn(query), order: 'newest' }));
      },
    }),
    streaming({
      ...{
        ...about,
        path: '/journal/export',
        summary: 'Send all of the journal, the oldest first, a line each',
      },
      ...{ query: z.strictObject(filter), answer: row },
      stream: { type: 'application/x-ndjson', isEndless: false },
      async handle({ query }) {
        const desk = open();
        return Readable.from(exportJournal(desk.store, await journalFilter(desk, query)));
      },
    }),
    streaming({
      ...{ ...about, path: '/journal/stream' },
      summary: 'Send what is appended as server-sent events, from Last-Event-ID on if it is given',
      ...{ query: z.strictObject({}), answer: row },
      stream: { type: 'text/event-stream', isEndless: true },
      async handle({ lastEventId }) {
        if (followers >= MOST_FOLLOWERS) {
          throw new ApiProblem(503, `${MOST_FOLLOWERS} follow the journal already: end one of them`);
        }
        const after =
          lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
        const gone = new AbortController();
        const events = followJournal(open().store, after, AbortSignal.any([closing, gone.signal]));
        followers += 1;
        const stream = new PassThrough();
        // The client went away: what looks for more is told, which else would be at its next event.
        stream.once('close', () => {
          followers -= 1;
          gone.abort();
        });
        pipeline(events, stream, () => {});
        return stream;
      },
    }),
  ];
}
