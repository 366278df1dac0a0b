import { z } from 'zod';
import type { OpenDesk } from '../../desk/desk.ts';
import { listGroups, readGroup } from '../../desk/group-pages.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { moment, pageIn, pageOf, pageQuery, searchText, shownPage } from './values.ts';

const group = {
  id: z.string(),
  source: z.string(),
  name: z.string(),
  externalId: z.string().optional(),
  members: z.number().describe('Users, groups, and values that nobody has yet'),
  makesAdmins: z.boolean().describe('Whether its members are server admins'),
  created: moment,
  lastModified: moment,
};

const groupEntry = z.object({
  ...group,
  rooms: z.array(z.string()).readonly().describe('That it opens, as the group map calls them'),
});

const groupDetail = z.object({
  ...group,
  rooms: z
    .array(
      z.object({
        ...{ target: z.string(), roomId: z.string().optional() },
        key: z.string().describe('Of the entry in the group map'),
        ...{ mode: z.string(), leave: z.string(), powerLevel: z.number().optional() },
        space: z.string().optional().describe('By which it comes along'),
      }),
    )
    .readonly(),
  page: pageOf(
    z.object({
      ...{ id: z.string(), type: z.enum(['User', 'Group', 'unknown']) },
      ...{ name: z.string().optional(), displayName: z.string().optional() },
      ...{ isActive: z.boolean().optional(), account: z.string().optional() },
    }),
  ).describe('Of its members: users first'),
});

/** What providers pushed, and what the group map makes of it. */
export function groupEndpoints({ open }: OpenDesk): readonly Endpoint[] {
  const about = { method: 'get', scope: 'admin:read', tag: 'Groups' } as const;
  return [
    endpoint({
      ...{ ...about, path: '/groups', summary: 'List groups by name' },
      query: pageQuery.extend({
        search: searchText.describe('A part of the name or of the external id'),
        mapped: z.enum(['yes', 'no']).optional().describe('Whether it opens a room'),
      }),
      answer: pageOf(groupEntry),
      async handle({ query }) {
        const isMapped = query.mapped && query.mapped === 'yes';
        return shownPage(await listGroups(open(), { ...pageIn(query), search: query.search, isMapped }));
      },
    }),
    endpoint({
      ...{ ...about, path: '/groups/{id}', summary: 'Show a group, and a page of its members' },
      ...{ params: z.object({ id: z.string() }), query: pageQuery, answer: groupDetail },
      async handle({ params, query }) {
        const found = await readGroup(open(), params.id, pageIn(query));
        return { ...found, page: shownPage(found.page) };
      },
    }),
  ];
}
