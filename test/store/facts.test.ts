import { expect, it, onTestFinished } from 'vitest';
import { openStore, openStoreReadOnly } from '../../src/store/sqlite/open-store.ts';
import { tempDir } from '../support/temp-dir.ts';

function open(folder = tempDir()) {
  const store = openStore(folder);
  onTestFinished(() => store.close());
  return store.facts;
}

it.each([[0], [false], [null], [''], ['text'], [[1, 'two']], [{ at: 1, rooms: ['!a:x'] }]])(
  'a fact keeps the value %j over a restart',
  async (value) => {
    const folder = tempDir();
    const store = openStore(folder);
    await store.facts.set('fact', 'another');
    await store.facts.set('fact', value);
    await store.close();
    expect(await open(folder).get('fact')).toEqual(value);
  },
);

it('a fact is undefined before it is set, and after it was forgotten', async () => {
  const facts = open();
  expect(await facts.get('fact')).toBeUndefined();
  await facts.set('fact', undefined);
  await facts.set('fact', 1);
  await facts.set('fact', undefined);
  expect(await facts.get('fact')).toBeUndefined();
  expect(await facts.names('')).toEqual([]);
});

it('names are found by how they begin, letter by letter', async () => {
  const facts = open();
  const names = [
    'room',
    'room:',
    'room:!b',
    'room:!a',
    'room:\u{1f600}',
    'Room:!c',
    'room;',
    'ro%m:',
    'r_om:',
  ];
  for (const name of names) await facts.set(name, true);
  expect(await facts.names('room:')).toEqual(['room:', 'room:!a', 'room:!b', 'room:\u{1f600}']);
  expect(await facts.names('ro%')).toEqual(['ro%m:']);
  expect(await facts.names('r_')).toEqual(['r_om:']);
  expect(await facts.names('nothing')).toEqual([]);
  expect(await facts.names('')).toHaveLength(names.length);
});

it('facts can be read beside the service, and not written', async () => {
  const folder = tempDir();
  await open(folder).set('fact', 1);
  const reader = openStoreReadOnly(folder);
  onTestFinished(() => reader.close());
  expect(await reader.facts.get('fact')).toBe(1);
  await expect(reader.facts.set('fact', 2)).rejects.toThrow(/readonly/);
});
