import { describe, expect, it, onTestFinished } from 'vitest';
import type { ResourceId } from '../../src/directory/resource.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import type { Urgency, WorkStore } from '../../src/store/store.ts';
import { tempDir } from '../support/temp-dir.ts';

const [a, b, c] = ['a', 'b', 'c'] as [ResourceId, ResourceId, ResourceId];
const every: readonly Urgency[] = ['removal', 'small', 'bulk'];

function open(): WorkStore {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  return store.work;
}

const next = (
  work: WorkStore,
  query: {
    now?: number;
    order?: 'newest' | 'oldest';
    urgencies?: readonly Urgency[];
    except?: readonly ResourceId[];
  } = {},
) => work.next({ now: 1000, order: 'oldest', urgencies: every, except: [], ...query });

describe('work', () => {
  it('hands out what takes away first, then what touches few, then the bulk', async () => {
    const work = open();
    await work.mark([a], 'bulk', 1);
    await work.mark([b], 'small', 2);
    await work.mark([c], 'removal', 3);
    expect((await next(work))?.userId).toBe(c);
    expect((await next(work, { except: [c] }))?.userId).toBe(b);
    expect((await next(work, { except: [b, c] }))?.userId).toBe(a);
    expect(await next(work, { except: [b, c], urgencies: ['removal', 'small'] })).toBeUndefined();
  });

  it('hands out the newest or the oldest of one urgency', async () => {
    const work = open();
    for (const [index, id] of [a, b, c].entries()) await work.mark([id], 'small', index);
    expect((await next(work, { order: 'newest' }))?.userId).toBe(c);
    expect((await next(work, { order: 'oldest' }))?.userId).toBe(a);
  });

  it('keeps a mark that was set again while the work was done', async () => {
    const work = open();
    await work.mark([a], 'small', 1);
    const item = await next(work);
    await work.mark([a], 'small', 2);
    if (item !== undefined) await work.done(item);
    expect(await work.all()).toEqual([a]);
    const again = await next(work);
    if (again !== undefined) await work.done(again);
    expect(await work.all()).toEqual([]);
  });

  it('waits with what was postponed, and forgets the waiting when it is marked again', async () => {
    const work = open();
    await work.mark([a], 'small', 1);
    const item = await next(work);
    if (item !== undefined) await work.postpone(item, 5000, { kind: 'refused', message: 'no' });
    expect(await next(work)).toBeUndefined();
    await work.mark([b], 'small', 1);
    expect(await work.nextDue(1)).toBe(5000);
    expect(await work.nextDue(5000)).toBeUndefined();
    const other = await next(work);
    if (other !== undefined) await work.done(other);
    expect(await work.summary(1000)).toEqual({ total: 1, due: 0, failing: 1, lagMs: 0 });
    expect(await next(work, { now: 5000 })).toMatchObject({
      attempts: 1,
      lastError: { kind: 'refused', message: 'no' },
    });
    await work.mark([a], 'removal', 900);
    expect(await next(work)).toMatchObject({ userId: a, urgency: 'removal', attempts: 0 });
    expect((await work.summary(1001)).lagMs).toBe(1000);
  });

  it('lists everybody, or those of one urgency', async () => {
    const work = open();
    await work.mark([a, b], 'small', 2);
    await work.mark([c], 'small', 1);
    await work.mark([b], 'removal', 3);
    expect(await work.all()).toEqual([b, c, a]);
    expect(await work.all('small')).toEqual([c, a]);
    expect(await work.all('removal')).toEqual([b]);
    expect(await work.all('bulk')).toEqual([]);
  });
});
