import { z } from 'zod';
import type { OpenDesk } from '../../desk/desk.ts';
import { Refused } from '../../desk/error.ts';
import { lookUpPerson } from '../../desk/find-person.ts';
import { isLinked, leftOn, linkPerson, lookUpAccount, refuseIfWrong, unlinkPerson } from '../../desk/link.ts';
import { listPeople, readPersonDetail, readPersonRoom } from '../../desk/person-pages.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { person, roomExplanation } from './explanation.ts';
import { pageIn, pageOf, pageQuery, searchText, shownPage } from './values.ts';

const personEntry = z.object({
  ...{ scimId: z.string(), userName: z.string(), displayName: z.string().optional(), source: z.string() },
  ...{ isActive: z.boolean(), account: z.string().optional() },
  state: z.string().describe('Of the account, as recorded'),
  ...{ groups: z.number(), rooms: z.number() },
  lastError: z.string().optional().describe('Of the last look at her'),
});

const personDetail = z.object({
  answer: z.string().describe('In one sentence'),
  person,
  groups: z.array(z.object({ id: z.string(), name: z.string(), isDirect: z.boolean() })).readonly(),
  rooms: z.array(z.object(roomExplanation)).readonly().describe('Those that concern her'),
});

const byId = z.object({ id: z.string().describe('SCIM id, Matrix id or user name') });

/** People, and whose account is whose. */
export function personEndpoints({ open, decided }: OpenDesk): readonly Endpoint[] {
  const read = { method: 'get', scope: 'admin:read', tag: 'People' } as const;
  const act = { method: 'post', scope: 'admin', tag: 'People', params: byId } as const;
  return [
    endpoint({
      ...{ ...read, path: '/people', summary: 'List people by user name, or find them' },
      query: pageQuery.extend({
        search: searchText.describe(
          'The beginning of a user name, display name, external id, e-mail or Matrix id',
        ),
        failing: z.enum(['yes', 'no']).default('no').describe('Only those who are not as they should be'),
      }),
      answer: pageOf(personEntry),
      async handle({ query }) {
        const { search } = query;
        const wanted = { ...pageIn(query), search, isFailing: query.failing === 'yes' };
        return shownPage(await listPeople(open(), wanted));
      },
    }),
    endpoint({
      ...{ ...read, path: '/people/{id}', params: byId, answer: personDetail },
      summary: 'Show a person: her account, her groups, and how it is with her rooms',
      handle: ({ params }) => readPersonDetail(open(), params.id),
    }),
    endpoint({
      ...{ ...read, path: '/people/{id}/rooms/{room}', summary: 'Say why somebody is in a room, or is not' },
      params: byId.extend({ room: z.string().describe('Alias or id') }),
      answer: z.object({ person, ...roomExplanation }),
      handle: ({ params }) => readPersonRoom(open(), params.id, params.room),
    }),
    endpoint({
      ...{
        ...act,
        path: '/people/{id}/link',
        summary: 'Say that an account is hers: the way out of a conflict',
      },
      body: z.strictObject({ account: z.string().describe('Matrix id') }),
      answer: z.object({ account: z.string(), wasLinked: z.boolean().describe('Then nothing was done') }),
      async handle({ params, body, holder }) {
        const desk = open();
        const found = await lookUpPerson(desk.store, params.id);
        const account = await lookUpAccount(desk, body.account);
        if (account === undefined)
          throw new Refused(`there is no account ${body.account} on the homeserver.`);
        await refuseIfWrong(desk, found, account);
        const wasLinked = isLinked(found, account.userId);
        if (!wasLinked) {
          await linkPerson(desk.store, found, account.userId, { who: holder.name, now: desk.now });
          decided();
        }
        return { account: account.userId, wasLinked };
      },
    }),
    endpoint({
      ...{
        ...act,
        path: '/people/{id}/unlink',
        summary: 'Forget whose account it is; its rooms stay as they are',
      },
      body: z.strictObject({
        account: z.string().describe('Matrix id: that it is linked to her is the fault'),
      }),
      answer: z.object({
        account: z.string(),
        left: z.array(z.string()).readonly().describe('What stays on the account, and what to do about it'),
      }),
      async handle({ params, body, holder }) {
        const { store, now } = open();
        const found = await lookUpPerson(store, params.id);
        // Since it was looked at, she may have been given another.
        if (found.link !== undefined && found.link.account !== body.account) {
          throw new Refused(
            `she has the account ${found.link.account} by now: look again. Nothing was done.`,
          );
        }
        const link = await unlinkPerson(store, found, { who: holder.name, now });
        decided();
        return { account: link.account, left: leftOn(link) };
      },
    }),
  ];
}
