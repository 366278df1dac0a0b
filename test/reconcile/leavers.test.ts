import { expect, it } from 'vitest';
import { type RoomId, userId } from '../../src/matrix/ids.ts';
import { parseGroupMap } from '../../src/plan/group-map-parse.ts';
import { keyOf, type TakeAway } from '../../src/plan/guard.ts';
import { createHouse } from '../../src/reconcile/house.ts';
import { createLeavers } from '../../src/reconcile/leavers.ts';
import { scene } from '../support/scene.ts';

const NOW = Date.now();

/** Four people who were let into two rooms, and taken out of the group since; nobody has looked at them yet. */
async function waiting() {
  const { owner, user, group, leave, run, store } = await scene();
  const rooms: [RoomId, RoomId] = [await owner.createRoom(), await owner.createRoom()];
  const names = ['ann', 'bob', 'cyd', 'dee'];
  const people = await Promise.all(names.map((userName) => user({ userName })));
  const ids = people.map(({ id }) => id);
  const eng = await group('eng', ...ids);
  const map = { eng: rooms };
  await run(map);
  await leave(eng.id, ...ids);
  const groupMap = parseGroupMap(JSON.stringify(map));
  const found = { resolved: new Map(rooms.map((room) => [room, room])), children: new Map() };
  const leavers = createLeavers({
    store,
    house: createHouse({ store, map: groupMap, found }),
    policy: { onDeactivate: [], onDelete: [] }, // nobody is deactivated or deleted
    now: () => NOW,
  });
  const kick = (name: string, roomId: RoomId): TakeAway => ({
    ...{ kind: 'kick', account: userId(name, 'usher.test'), roomId },
  });
  return {
    ...{ store, rooms, kick, people },
    async look(): Promise<readonly string[]> {
      const keys: string[] = [];
      for await (const losses of leavers()) keys.push(...losses.map(keyOf));
      return keys.toSorted();
    },
  };
}

it('those who leave lose each room that nothing opens to them any more', async () => {
  const { look, rooms, kick } = await waiting();
  const all = ['ann', 'bob', 'cyd', 'dee'].flatMap((name) => rooms.map((room) => keyOf(kick(name, room))));
  expect(await look()).toEqual(all.toSorted());
});

it('what is held, was rejected, or was let through within the hour is not about to be taken', async () => {
  const { look, rooms, kick, store, people } = await waiting();
  const [eng, ops] = rooms;
  const held = { detail: '', cause: undefined, scope: 'total', since: NOW, userId: people[0]?.id };
  await store.guard.hold([
    { ...kick('ann', eng), ...held, verdict: undefined },
    { ...kick('bob', eng), ...held, verdict: 'rejected' },
  ]);
  await store.guard.take(kick('cyd', eng), NOW - 3_599_000);
  await store.guard.take(kick('dee', eng), NOW - 3_601_000);
  const rest = [...['ann', 'bob', 'cyd', 'dee'].map((name) => kick(name, ops)), kick('dee', eng)];
  expect(await look()).toEqual(rest.map(keyOf).toSorted());
});
