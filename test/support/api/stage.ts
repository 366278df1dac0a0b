import { type Looking, lookAt, withPeople } from '../../cli/look/stage.ts';
import { apiClient, type Call, issueToken } from './client.ts';

/** A running Usher with people, and a client of its API that may do everything. */
export async function apiStage(
  ...args: Parameters<typeof lookAt>
): Promise<
  Looking & Awaited<ReturnType<typeof withPeople>> & { readonly call: Call; readonly token: string }
> {
  const stage = await lookAt(...args);
  const people = await withPeople(stage);
  const token = await stage.beside((store) => issueToken(store, { name: 'boss' }));
  return { ...stage, ...people, token, call: apiClient(stage.url, token) };
}

/** All items of a list, by pages of so many. */
export async function everyPage(call: Call, path: string, limit = 1): Promise<readonly Item[]> {
  const found: Item[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const at = cursor === '' ? '' : `&cursor=${cursor}`;
    const { status, body } = await call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${at}`);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    const page = body.page ?? body;
    found.push(...page.items);
    cursor = page.next ?? undefined;
  }
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: what the tests look into is theirs to know
type Item = any;
