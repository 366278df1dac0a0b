import { z } from 'zod';
import type { OpenDesk } from '../../desk/desk.ts';
import { readStatus } from '../../desk/status-facts.ts';
import { linesOf, statusJson } from '../../desk/status-lines.ts';
import { stepsJson } from '../../desk/step.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { momentText, step } from './values.ts';

const line = z.object({
  subject: z.string(),
  found: z.string(),
  remedy: z.string().optional().describe('What to do; none: all is well with it'),
  steps: z.array(step).readonly().optional().describe('By which it is done'),
});
const verdict = z.literal('rejected').optional();

const statusAnswer = z.object({
  isWell: z.boolean(),
  at: momentText,
  parts: z.array(line).readonly().describe('A line for each part'),
  toDo: z.array(line).readonly().describe('Those of the parts that need a person'),
  isRunning: z.boolean(),
  isDryRun: z.boolean(),
  resyncMs: z.number().describe('Between two full passes'),
  database: z.object({ folder: z.string(), bytes: z.number(), schema: z.number() }),
  sources: z
    .array(
      z.object({
        ...{ source: z.string(), users: z.number(), groups: z.number() },
        lastHeard: momentText.optional().describe('When it last sent any request, to the minute'),
        lastModified: momentText.optional().describe('When the provider last changed something'),
      }),
    )
    .readonly(),
  silenceMs: z.number().optional().describe('After how long without a request a provider needs a person'),
  homeserver: z.object({
    url: z.string(),
    version: z.string().optional(),
    problem: z.string().optional(),
  }),
  map: z.object({
    location: z.string(),
    problem: z.string().optional(),
    rules: z.number(),
    rooms: z.number(),
    unresolved: z.array(z.string()).readonly(),
    unmatched: z.array(z.string()).readonly(),
  }),
  work: z.object({
    ...{ total: z.number(), due: z.number(), failing: z.number() },
    lagMs: z.number().describe('Since the oldest that is due was marked'),
    byUrgency: z.object({ removal: z.number(), small: z.number(), bulk: z.number() }),
  }),
  held: z.object({ waiting: z.number(), rejected: z.number() }).describe('How many holds there are'),
  holds: z
    .array(z.object({ digest: z.string(), scope: z.string(), reason: z.string(), verdict }))
    .readonly()
    .describe('The first of them'),
  problems: z
    .array(z.object({ target: z.string(), message: z.string() }))
    .readonly()
    .describe('Of rooms, by the last full pass and by the looks since then'),
  lastPass: z
    .object({
      ...{ startedAt: momentText, finishedAt: momentText, marked: z.number() },
      problems: z.array(z.object({ target: z.string(), message: z.string() })).readonly(),
      drift: z.number().describe('Accounts and rooms that somebody else had changed'),
    })
    .optional(),
});

/** How it is with everything: docs/commands.md. */
export function statusEndpoints(desk: OpenDesk): readonly Endpoint[] {
  return [
    endpoint({
      ...{ method: 'get', path: '/status', scope: 'admin:read', tag: 'Status' },
      summary: 'Say for each part whether all is well, and what to do',
      answer: statusAnswer,
      async handle() {
        const { config, store, homeserver, map, now } = desk.open();
        const problem = desk.mapProblem();
        const found = problem === undefined ? { map } : { problem };
        const status = await readStatus({ config, store, homeserver, map: found, isRunning: true, now });
        const parts = linesOf(status);
        const isWell = parts.every(({ remedy }) => remedy === undefined);
        return { ...statusJson(status, parts, isWell), parts: parts.map(stepsJson) };
      },
    }),
  ];
}
