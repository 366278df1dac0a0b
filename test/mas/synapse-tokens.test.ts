import { expect, it } from 'vitest';
import { createSynapseTokens, type KeptToken } from '../../src/mas/synapse-tokens.ts';
import { openMasDesk } from '../support/homeserver/mas-desk.ts';
import type { SimulatedMasOptions } from '../support/homeserver/simulated-mas.ts';

const [SECOND, MINUTE, DAY] = [1_000, 60_000, 86_400_000];
const BOT = 'room-sync';

/** Two processes with one file may be opened on it: `tokens` and what `beside` makes. */
async function open({ version }: SimulatedMasOptions = {}) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const desk = await openMasDesk({ now: () => clock.now, ...(version !== undefined && { version }) });
  const { mas } = desk.simulated;
  const file = { kept: undefined as KeptToken | undefined, isFull: false };
  const told: unknown[] = [];
  const beside = ({ makes = true } = {}) =>
    createSynapseTokens({
      ...{ mas: desk.masFor(), bot: BOT, makes, now: () => clock.now },
      onIssued: (unkept) => told.push(unkept),
      keeper: {
        read: () => file.kept,
        write(token) {
          if (file.isFull) throw new Error('the disk is full');
          file.kept = token;
        },
      },
    });
  const ofBot = () => mas.personalSessions.all().filter(({ humanName }) => humanName === 'Usher');
  return { ...desk, ...{ mas, clock, file, told, beside, tokens: beside(), ofBot } };
}

it('makes the bot and one token for all who wait', async () => {
  const { tokens, mas, ofBot, told } = await open();
  const all = await Promise.all(Array.from({ length: 10 }, () => tokens.current()));
  expect(new Set(all).size).toBe(1);
  expect(mas.users.byUsername(BOT)).toBeDefined();
  expect(ofBot()).toHaveLength(1);
  expect(told).toEqual([undefined]);
});

it('uses the token that is kept', async () => {
  const { tokens, beside, ofBot } = await open();
  const token = await tokens.current();
  expect(await beside().current()).toBe(token);
  expect(await beside({ makes: false }).current()).toBe(token);
  expect(ofBot()).toHaveLength(1);
});

it('makes none where it is only to look, and says that there is none', async () => {
  const { beside, mas, file, tokens, clock } = await open();
  const looking = beside({ makes: false });
  await expect(looking.current()).rejects.toThrow(/^there is no token for Synapse yet: /);
  expect(mas.users.byUsername(BOT)).toBeUndefined();
  const token = await tokens.current();
  clock.now += 29 * DAY;
  expect(await looking.current()).toBe(token);
  expect([await looking.replace(token), file.kept?.token]).toEqual([false, token]);
  Object.assign(mas.users.byUsername(BOT) ?? {}, { lockedAt: clock.now });
  await expect(looking.replace(token)).rejects.toThrow(/^the bot room-sync is locked in MAS/);
});

it('renews a token once four fifths of its life are over', async () => {
  const { tokens, clock, ofBot } = await open();
  const first = await tokens.current();
  clock.now += 24 * DAY - SECOND;
  expect(await tokens.current()).toBe(first);
  clock.now += SECOND;
  const second = await tokens.current();
  expect(second).not.toBe(first);
  expect(ofBot()).toHaveLength(1);
  clock.now += 23 * DAY;
  expect(await tokens.current()).toBe(second);
});

it('goes on with the old one while MAS is down, asks again after a minute, and no more often', async () => {
  const { tokens, clock, simulated } = await open();
  const first = await tokens.current();
  clock.now += 25 * DAY;
  await simulated.stopMas();
  expect(await tokens.current()).toBe(first);
  await simulated.startMas();
  clock.now += MINUTE - SECOND;
  expect(await tokens.current()).toBe(first);
  clock.now += SECOND;
  expect(await tokens.current()).not.toBe(first);
});

it('begins another session when the one before is over as it is to be renewed', async () => {
  const { tokens, clock, mas, ofBot } = await open();
  const first = await tokens.current();
  const [session] = ofBot();
  if (session !== undefined) mas.personalSessions.revoke(session);
  clock.now += 25 * DAY;
  expect(await tokens.current()).not.toBe(first);
  expect(ofBot().map(({ revokedAt }) => revokedAt === undefined)).toEqual([false, true]);
});

it('replaces a token that was refused, once for all who had it, and ends its session', async () => {
  const { tokens, ofBot } = await open();
  const first = await tokens.current();
  expect(await Promise.all([tokens.replace(first), tokens.replace(first)])).toEqual([true, true]);
  expect(await tokens.replace(first)).toBe(true);
  expect(await tokens.current()).not.toBe(first);
  expect(ofBot().map(({ revokedAt }) => revokedAt === undefined)).toEqual([false, true]);
});

it('takes what another process got meanwhile', async () => {
  const { tokens, beside, ofBot } = await open();
  const first = await tokens.current();
  const other = beside();
  await other.replace(await other.current());
  expect(await tokens.replace(first)).toBe(true);
  expect(await tokens.current()).toBe(await other.current());
  expect(ofBot()).toHaveLength(2);
});

it('does not get one after the other when none is good, and says what may be wrong', async () => {
  const { tokens, clock, ofBot } = await open();
  const refuse = async () => tokens.replace(await tokens.current());
  await refuse();
  await expect(refuse()).rejects.toThrow(/^the homeserver refuses the token .* MAS_URL .* locked/);
  clock.now += MINUTE - SECOND;
  await expect(refuse()).rejects.toMatchObject({ kind: 'unauthorised' });
  expect(ofBot()).toHaveLength(2);
  clock.now += SECOND;
  expect(await refuse()).toBe(true);
});

it('says of a locked bot what is wrong for as long as it is, and asks MAS every ten seconds', async () => {
  const { tokens, clock, mas } = await open();
  const first = await tokens.current();
  const bot = mas.users.byUsername(BOT);
  if (bot === undefined) throw new Error('there is no bot');
  mas.users.lock(bot);
  const LOCKED = /^the bot room-sync is locked in MAS/;
  await expect(tokens.replace(first)).rejects.toThrow(LOCKED);
  mas.users.unlock(bot);
  clock.now += 9 * SECOND;
  await expect(tokens.replace(first)).rejects.toThrow(LOCKED);
  clock.now += SECOND;
  expect(await tokens.replace(first)).toBe(true);
});

it('does not go back to an older token in a file that it can not write', async () => {
  const { tokens, file, told } = await open();
  const first = await tokens.current();
  file.isFull = true;
  await tokens.replace(first);
  const second = await tokens.current();
  expect(told).toEqual([undefined, new Error('the disk is full')]);
  expect(await tokens.replace(first)).toBe(true);
  expect([await tokens.current(), file.kept?.token]).toEqual([second, first]);
});

it('gets none from a MAS before 1.5, and says what to run', async () => {
  const { tokens, mas } = await open({ version: '1.4.0' });
  await expect(tokens.current()).rejects.toThrow(
    /MATRIX_ADMIN_TOKEN to what "mas-cli manage issue-compatibility-token room-sync --yes-i-want-to-grant-synapse-admin-privileges" prints$/,
  );
  expect(mas.users.byUsername(BOT)).toBeUndefined();
});
