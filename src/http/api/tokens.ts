import { z } from 'zod';
import { DEFAULT_SOURCE, FIXED_TOKEN, SCOPES, type Token } from '../../access/token.ts';
import { createTokenDesk, type TokenDesk, TokenRefused } from '../../desk/tokens.ts';
import type { Store } from '../../store/store.ts';
import type { Holder } from '../tokens.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { ApiProblem } from './problem.ts';
import { moment } from './values.ts';

const scope = z.enum(SCOPES);

const tokenAnswer = z.object({
  id: z.string(),
  name: z.string(),
  source: z.string().describe('Whose users and groups it reads and writes'),
  scopes: z.array(scope),
  networks: z.array(z.string()).describe('CIDR; none: from everywhere'),
  created: moment,
  expires: moment.nullable(),
  isDisabled: z.boolean(),
  secrets: z
    .array(
      z.object({
        created: moment,
        expires: moment.nullable().describe('When it ends, since another one took its place'),
        lastUsed: moment.nullable().describe('To the minute'),
        lastUsedFrom: z.string().nullable(),
      }),
    )
    .describe('The newest first'),
});

const issued = z.object({
  token: tokenAnswer,
  secret: z.string().describe('Shown this once, and stored nowhere'),
});

const tokenRequest = z.strictObject({
  name: z.string(),
  source: z.string().default(DEFAULT_SOURCE),
  scopes: z.array(scope).min(1),
  networks: z.array(z.string()).default([]),
  expires: z.iso.datetime({ offset: true }).optional(),
});

const byId = z.object({ id: z.string() });

type Deps = { readonly store: Pick<Store, 'tokens' | 'journal'>; readonly now: () => number };

/** What admins do with tokens: docs/tokens.md. */
export function tokenEndpoints({ store, now }: Deps): readonly Endpoint[] {
  const deskFor = ({ name }: Holder): TokenDesk => createTokenDesk({ store, who: name, now });
  const find = async (id: string): Promise<Token> => {
    const token = await store.tokens.get(id);
    if (token === undefined) throw new ApiProblem(404, `There is no token ${id}`);
    return token;
  };
  const shown = async (id: string) => toAnswer(await find(id));
  const about = { tag: 'Tokens', params: byId } as const;

  return [
    endpoint({
      ...{ method: 'get', path: '/tokens', scope: 'admin:read', tag: 'Tokens' },
      summary: `List the tokens; ${FIXED_TOKEN} is a setting, and not among them`,
      answer: z.object({ tokens: z.array(tokenAnswer) }),
      handle: async () => ({ tokens: (await store.tokens.list()).map(toAnswer) }),
    }),
    endpoint({
      ...{ method: 'post', path: '/tokens', scope: 'admin', tag: 'Tokens' },
      ...{ summary: 'Make a token', body: tokenRequest, status: 201, answer: issued },
      async handle({ body, holder }) {
        const expires = body.expires === undefined ? undefined : Date.parse(body.expires);
        try {
          const { token, secret } = await deskFor(holder).create({ ...body, expires });
          return { token: await shown(token.id), secret };
        } catch (error) {
          if (!(error instanceof TokenRefused)) throw error;
          const { field, message, cause } = error;
          const mistakes = [{ at: `body.${field}`, message }];
          throw new ApiProblem(400, `${field} ${message}`, { mistakes, cause });
        }
      },
    }),
    endpoint({
      ...{ ...about, method: 'get', path: '/tokens/{id}', scope: 'admin:read', summary: 'Show a token' },
      answer: tokenAnswer,
      handle: ({ params }) => shown(params.id),
    }),
    endpoint({
      ...{ ...about, method: 'post', path: '/tokens/{id}/rotate', scope: 'admin', answer: issued },
      summary: 'Give a token another secret',
      body: z.strictObject({
        keepSeconds: z
          .number()
          .int()
          .min(0)
          .max(365 * 86_400)
          .default(86_400)
          .describe('How long the secret it has is taken yet'),
      }),
      async handle({ params, body, holder }) {
        const { secret } = await deskFor(holder).rotate(await find(params.id), body.keepSeconds * 1000);
        return { token: await shown(params.id), secret };
      },
    }),
    endpoint({
      ...{ ...about, method: 'patch', path: '/tokens/{id}', scope: 'admin', answer: tokenAnswer },
      ...{ summary: 'Disable or enable a token', body: z.strictObject({ isDisabled: z.boolean() }) },
      async handle({ params, body, holder }) {
        await deskFor(holder).setDisabled(await find(params.id), body.isDisabled);
        return shown(params.id);
      },
    }),
    endpoint({
      ...{
        ...about,
        method: 'delete',
        path: '/tokens/{id}',
        scope: 'admin',
        summary: 'Revoke a token for good',
      },
      handle: async ({ params, holder }) => deskFor(holder).revoke(await find(params.id)),
    }),
  ];
}

function toAnswer({ secrets, created, expires, ...token }: Token): z.input<typeof tokenAnswer> {
  return {
    ...token,
    ...{ scopes: [...token.scopes], networks: [...token.networks], created, expires: expires ?? null },
    secrets: secrets.map((secret) => ({
      created: secret.created,
      expires: secret.expires ?? null,
      lastUsed: secret.lastUsed ?? null,
      lastUsedFrom: secret.lastUsedFrom ?? null,
    })),
  };
}
