import { describe, expect, it } from 'vitest';
import { itemsOf, text } from '../../contract/mas-facts.ts';
import { startStage } from './stage.ts';

describe('a client of hers', () => {
  it('acts in her name until her session is finished', async () => {
    const { mas, addUser, whoami, admin } = await startStage();
    const id = await addUser('ann');
    const user = mas.users.get(id);
    if (user === undefined) throw new Error('no user');
    const token = mas.logIn(user);
    expect(await whoami(token)).toMatchObject({ status: 200, body: { user_id: '@ann:usher.test' } });
    const [session] = [...mas.sessions.oauth2.values()].filter(({ userId }) => userId === id);
    expect(await admin('POST', `/oauth2-sessions/${session?.id}/finish`)).toMatchObject({ status: 200 });
    expect(await whoami(token)).toMatchObject({ status: 401 });
  });
});

describe('the list of sessions in browsers', () => {
  it('can not be paged: the next page is the first one again', async () => {
    const { admin, mas, addUser, raw, token } = await startStage();
    const user = mas.users.get(await addUser('ann'));
    if (user === undefined) throw new Error('no user');
    const ids = Array.from({ length: 3 }, () => mas.sessions.startBrowser(user).id);
    const first = await admin('GET', '/user-sessions?page[first]=2');
    expect(itemsOf(first).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const headers = { authorization: `Bearer ${await token()}` };
    const next = await raw('GET', text(first, ['links', 'next']), { headers });
    expect(itemsOf(next)).toEqual(itemsOf(first));
    expect(itemsOf(await admin('GET', '/user-sessions?page[first]=1000'))).toHaveLength(3);
  });
});
