import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createMapDesk, MapChanged } from '../../src/desk/map.ts';
import { openStore } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';

const [ENG, OPS] = ['{ "*": "#eng:x" }', '{ "*": "#ops:x" }'];

/** A file that says so, over a real store. */
function deskOver(text: string) {
  const store = openStore(tempDir());
  onTestFinished(() => store.close());
  const path = join(tempDir(), 'group-map.jsonc');
  writeFileSync(path, text);
  const unwritten: unknown[] = [];
  const createDesk = (maps = store.maps) =>
    createMapDesk({
      ...{ location: { kind: 'file', path }, serverName: 'x', store: { groups: store.groups, maps } },
      ...{ now: Date.now, onUnwritten: (error) => unwritten.push(error) },
    });
  return {
    ...{ store, unwritten, createDesk },
    written: () => readFileSync(path, 'utf8'),
    history: async () => (await store.maps.list()).map((each) => [each.who, each.text]),
  };
}

it('of two who save at the same time, one is told that she is late, and the other’s map is there', async () => {
  const { createDesk, written, history } = deskOver('{}');
  const desk = createDesk();
  const { version } = await desk.read();
  const [ann, bob] = await Promise.allSettled([
    desk.save(ENG, version, 'ann'),
    desk.save(OPS, version, 'bob'),
  ]);
  expect(ann).toMatchObject({ status: 'fulfilled', value: { text: ENG } });
  expect(bob).toMatchObject({ status: 'rejected', reason: expect.any(MapChanged) });
  expect(written()).toBe(ENG);
  expect(await history()).toEqual([
    ['ann', ENG],
    ['the file', '{}'],
  ]);
});

it('the history has no text that is no map', async () => {
  const { createDesk, written, history } = deskOver('{ "*": 7 }');
  const desk = createDesk();
  await desk.save(ENG, (await desk.read()).version, 'ann');
  expect([written(), await history()]).toEqual([ENG, [['ann', ENG]]]);
});

it('a map that is in force is saved, though its history could not be written', async () => {
  const { createDesk, store, written, unwritten } = deskOver('{}');
  const full = new Error('a full disk');
  const desk = createDesk({ ...store.maps, add: () => Promise.reject(full) });
  const { version } = await desk.read();
  const saved = await desk.save(ENG, version, 'ann');
  expect([saved, written(), unwritten]).toEqual([await desk.read(), ENG, [full]]);
});
