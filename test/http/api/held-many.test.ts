import { describe, expect, it } from 'vitest';
import { type RoomId, userId } from '../../../src/matrix/ids.ts';
import type { HeldChange } from '../../../src/plan/holds.ts';
import { apiStage, everyPage } from '../../support/api/stage.ts';

const ROOMS = 30;
const EACH = 12;
const NOW = Date.now();

const kick = (room: RoomId, index: number, rest: Partial<HeldChange>): HeldChange => {
  const account = userId(`gone${String(index).padStart(4, '0')}`, 'example.com');
  return {
    ...{ kind: 'kick', account, roomId: room, userId: undefined, scope: `room:${room}` },
    ...{
      detail: `remove ${account} from ${room}`,
      cause: undefined,
      since: NOW,
      verdict: undefined,
      ...rest,
    },
  };
};
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const roomOf = (index: number) => `!r${index}:example.com` as RoomId;

/** A provider broke: much is held in each of many rooms, more in all of them together, and some of it was rejected. */
async function calamity() {
  const stage = await apiStage();
  await stage.beside(async ({ guard }) => {
    await guard.openHold({ scope: 'restored', reason: 'an old backup', since: NOW });
    await guard.hold(times(250, (index) => kick(stage.eng, index, { scope: 'restored' })));
    for (const room of times(ROOMS, roomOf)) {
      await guard.openHold({ scope: `room:${room}`, reason: `too many from ${room}`, since: NOW });
      await guard.hold(times(EACH, (index) => kick(room, index, {})));
    }
    await guard.hold([kick(roomOf(0), 999, { verdict: 'rejected' })]);
  });
  const holdOf = async (scope: string) =>
    (await stage.call('GET', '/held?limit=200&changes=0')).body.holds.find(
      (hold: { readonly scope: string }) => hold.scope === scope,
    );
  return { ...stage, holdOf };
}

describe('what is held of many rooms', () => {
  it('comes in pages, each hold with its numbers and the first of its changes', async () => {
    const { call } = await calamity();
    const found: { readonly digest: string; readonly verdict?: string }[] = [];
    let cursor: string | null = '';
    for (; cursor !== null; ) {
      const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { status, body } = await call('GET', `/held?limit=7&changes=2${at}`);
      expect([status, body.waiting, body.rejected]).toEqual([200, ROOMS + 1, 1]);
      for (const { changes, count } of body.holds) expect(changes).toHaveLength(Math.min(count, 2));
      expect(body.holds.length).toBeLessThanOrEqual(7);
      found.push(...body.holds);
      cursor = body.next;
    }
    expect(found).toHaveLength(ROOMS + 2);
    expect(new Set(found.map(({ digest }) => digest)).size).toBe(ROOMS + 2);
    expect(found.at(0)).toMatchObject({ scope: 'restored', count: 250, numbers: '250 removals from 1 room' });
    expect(found.at(-1)).toMatchObject({ verdict: 'rejected', count: 1, numbers: '1 removal from 1 room' });
    expect(found.slice(0, -1).map(({ verdict }) => verdict)).not.toContain('rejected');
    expect((await call('GET', '/held?cursor=x')).status).toBe(400);
  });

  it('has all names of a hold, a page at a time, with the names of rooms', async () => {
    const { call, holdOf } = await calamity();
    const { digest } = await holdOf('restored');
    const changes = await everyPage(call, `/held/${digest}/changes`, 40);
    expect(changes.map(({ account }) => account)).toEqual(
      times(250, (index) => `@gone${String(index).padStart(4, '0')}:example.com`),
    );
    expect(changes[0]).toMatchObject({ kind: 'kick', room: '#eng:example.com' });
    const other = await holdOf(`room:${roomOf(3)}`);
    expect((await everyPage(call, `/held/${other.digest}/changes`, 5)).map(({ room }) => room)).toEqual(
      times(EACH, () => undefined),
    );
  });

  it('has no names of what is another hold by now', async () => {
    const { call, holdOf, beside, eng } = await calamity();
    const { digest } = await holdOf('restored');
    const { body } = await call('GET', `/held/${digest}/changes?limit=100`);
    await beside(({ guard }) => guard.hold([kick(eng, 700, { scope: 'restored' })]));
    for (const rest of ['', `?cursor=${body.next}`]) {
      const late = await call('GET', `/held/${digest}/changes${rest}`);
      expect([late.status, late.body.detail]).toEqual([
        404,
        `There is no hold ${digest} now; it may have changed.`,
      ]);
    }
  });

  it('is told in short by the status', async () => {
    const { call } = await calamity();
    const { held, holds, parts } = (await call('GET', '/status')).body;
    expect(held).toEqual({ waiting: ROOMS + 1, rejected: 1 });
    expect(holds).toHaveLength(20);
    const line = parts.find(({ subject }: { readonly subject: string }) => subject === 'holds');
    expect(line.found).toContain(': an old backup; ');
    expect(line.found).toMatch(/; … and 26 more that wait; 1 rejected one$/);
  });

  it('is cut by the command, but for those who ask for all', async () => {
    const { look, json } = await calamity();
    const { stdout } = await look('held');
    expect(stdout.match(/^[0-9a-f]{8} {2}/gm)).toHaveLength(20);
    expect(stdout).toContain('\n  … and 230 more: usher held --all\n');
    expect(stdout).toMatch(/\n… and 12 more holds: usher held --all\n$/);
    const whole = (await look('held', '--all')).stdout;
    expect(whole.match(/^[0-9a-f]{8} {2}/gm)).toHaveLength(ROOMS + 2);
    expect(whole).toContain('remove @gone0249:example.com from #eng:example.com');
    const all = await json('held');
    expect(all.map(({ changes }: { readonly changes: readonly object[] }) => changes.length)).toEqual([
      250,
      ...times(ROOMS, () => EACH),
      1,
    ]);
  });
});
