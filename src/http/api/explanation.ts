import { z } from 'zod';
import { momentText, step } from './values.ts';

const change = z.object({ kind: z.string(), text: z.string() });

/** A row of the journal. */
export const journalEntry = {
  at: momentText,
  action: z.string(),
  outcome: z.enum(['done', 'failed', 'found']),
  account: z.string().optional(),
  roomId: z.string().optional(),
  userId: z.string().optional().describe('SCIM id'),
  detail: z.string(),
  cause: z.string().optional().describe('The request, or who decided'),
};

/** A person, with how she is on the homeserver and what Usher would do about her account. */
export const person = z.object({
  scimId: z.string(),
  userName: z.string().optional(),
  displayName: z.string().optional(),
  externalId: z.string().optional(),
  source: z.string().optional(),
  status: z.enum(['active', 'inactive', 'deleted']),
  inactiveSince: momentText.optional(),
  account: z.string().optional().describe('While she has none: the one that she is to get'),
  isLinked: z.boolean(),
  isConfirmed: z.boolean(),
  restriction: z.enum(['suspend', 'lock', 'deactivate', 'erase']).optional().describe('By Usher'),
  isAdmin: z.boolean().describe('Made a server admin by Usher'),
  waiting: z
    .object({
      ...{ urgency: z.enum(['removal', 'small', 'bulk']), attempts: z.number() },
      ...{ since: momentText, dueAt: momentText, cause: z.string().optional() },
      lastError: z.object({ kind: z.string(), message: z.string() }).optional(),
    })
    .optional()
    .describe('For a look; none: nothing is due'),
  homeserver: z.object({ answers: z.boolean(), reason: z.string().optional() }),
  changes: z.array(change).readonly().optional().describe('That Usher would make to the account'),
  findings: z
    .array(z.object({ code: z.string(), message: z.string(), isBlocking: z.boolean() }))
    .readonly()
    .optional(),
});

/** One person and one room: is she in it, why, and what comes next. */
export const roomExplanation = {
  answer: z.string().describe('In one sentence'),
  room: z.object({ target: z.string(), roomId: z.string().optional(), isMapped: z.boolean() }),
  isIn: z.boolean(),
  membership: z.enum(['join', 'invite', 'knock', 'leave', 'ban', 'none']).optional(),
  sender: z.string().optional().describe('Who put her there'),
  isEntitled: z.boolean(),
  terms: z.object({ mode: z.string(), leave: z.string(), powerLevel: z.number().optional() }).optional(),
  through: z
    .array(
      z.object({
        ...{ id: z.string(), name: z.string(), isDirect: z.boolean(), key: z.string() },
        chain: z.array(z.string()).readonly().describe('From the group she is in to this one'),
      }),
    )
    .readonly(),
  everybody: z.boolean(),
  others: z
    .array(z.object({ key: z.string(), name: z.string().optional() }))
    .readonly()
    .describe('Groups that would open it'),
  record: z
    .object({
      ...{ state: z.string(), since: momentText, mode: z.string() },
      via: z.array(z.string()).readonly(),
    })
    .optional(),
  history: z.array(z.object(journalEntry)).readonly().describe('The newest first'),
  holds: z
    .array(
      z.object({
        ...{ digest: z.string(), scope: z.string(), reason: z.string(), since: momentText },
        verdict: z.literal('rejected').optional(),
        changes: z.array(z.object({ kind: z.string(), detail: z.string() })).readonly(),
      }),
    )
    .readonly(),
  changes: z.array(change).readonly(),
  next: z.object({
    ...{ kind: z.string(), text: z.string() },
    steps: z.array(step).readonly().optional().describe('By which a person may have it otherwise'),
  }),
};
