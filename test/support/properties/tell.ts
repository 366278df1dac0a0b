import type { UserId } from '../../../src/matrix/ids.ts';
import type { Stage } from './stage.ts';
import type { RunEvent, Story } from './story.ts';
import { current, everybody, isAwaited, modeOf, type Place, termsFor, type View } from './views.ts';

const CALM: RunEvent = {
  do: 'run',
  pass: true,
  fresh: true,
  faults: [],
  crashAt: undefined,
  during: undefined,
};
const MOST_PASSES = 4;

/** Lets a story happen, lets Usher make everything right, and says what is wrong. */
export async function tell(stage: Stage, story: Story): Promise<readonly string[]> {
  const { watch, happen, run } = stage;
  await run(CALM);
  for (const event of story.events) {
    if (event.do === 'run') await run(event);
    else await happen(event);
    if (watch.faultsFound.length > 0) return watch.faultsFound;
  }
  await comeToRest(stage);
  if (watch.faultsFound.length > 0) return watch.faultsFound;
  return [...(await shortcomings(stage)), ...watch.faultsFound];
}

async function comeToRest(stage: Stage): Promise<void> {
  const { watch, happen, run, store, decide, pass, rooms } = stage;
  for (let r = 0; r < rooms; r += 1) await happen({ do: 'giveAlias', r });
  let passes = 0;
  for (let round = 0; round < 20; round += 1) {
    pass(2);
    const before = watch.changes.length;
    await run(CALM);
    passes += 1;
    const holds = await store.guard.holds();
    for (const { scope } of holds) await decide(scope, 'approved');
    if (holds.length > 0) {
      passes = 0;
      continue;
    }
    const isQuiet = watch.changes.length === before;
    if (!isQuiet && passes <= MOST_PASSES) continue;
    if (!isQuiet) watch.wrong(`not quiet after ${passes} passes: ${watch.changes.slice(before).join(', ')}`);
    await run({ ...CALM, fresh: false });
    if (isQuiet && watch.changes.length > before) {
      watch.wrong(
        `a pass changed something after one that did not: ${watch.changes.slice(before).join(', ')}`,
      );
    }
    return;
  }
  watch.wrong(
    `holds come again and again: ${(await store.guard.holds()).map(({ reason }) => reason).join(', ')}`,
  );
}

/** What is not as README promises. */
async function shortcomings(stage: Stage): Promise<readonly string[]> {
  const wrong: string[] = [];
  const rejected = new Set(
    (await stage.store.guard.held()).map((row) => stage.watch.keyOf(row.kind, row.account, row.roomId)),
  );
  for (const person of everybody) wrong.push(...accountOf(stage, person, rejected));
  for (const place of stage.places) wrong.push(...roomOf(stage, place, rejected));
  return wrong;
}

function accountOf(
  { directory, account, world, watch, locked }: Stage,
  person: number,
  rejected: ReadonlySet<string>,
): readonly string[] {
  const id = account(person);
  const state = world.accounts.get(id);
  if (state?.admin) return [];
  if (directory.isActive(person)) {
    if (state === undefined) return [`${id} has no account`];
    const lead = directory.users.idp.get(person) ?? directory.users.hr.get(person);
    const both = directory.users.idp.has(person) && directory.users.hr.has(person);
    const wrong =
      both || state.displayName === `Person ${person} ${lead?.name}`
        ? []
        : [`${id} has the name ${state.displayName}`];
    return state.locked && !locked.has(person) ? [...wrong, `${id} is locked`] : wrong;
  }
  if (state === undefined || state.locked || rejected.has(watch.keyOf('restrict', id, undefined))) return [];
  const wasGiven =
    watch.changes.some((change) => change.startsWith('join ') && change.includes(id)) ||
    watch.changes.some((change) => change === `create ${id}`);
  return directory.exists(person) || wasGiven ? [`${id} is not locked`] : [];
}

function roomOf(stage: Stage, place: Place, rejected: ReadonlySet<string>): readonly string[] {
  const { directory, account, watch, bot, strangers, view } = stage;
  const roomId = current(place);
  const now: View = view();
  const mode = modeOf(now, roomId);
  const wrong: string[] = [];
  const isClosed = mode === 'exclusive' && !isAwaited(now, directory, roomId);
  const isIn = (id: UserId): boolean => watch.membership(roomId, id)?.membership === 'join';
  const isKept = (kind: 'kick' | 'lower', id: UserId): boolean => rejected.has(watch.keyOf(kind, id, roomId));
  for (const person of everybody) {
    const id = account(person);
    if (stage.world.accounts.get(id)?.admin) continue;
    const where = watch.at(id, roomId);
    const terms = termsFor(now, directory, person, roomId);
    const state = watch.membership(roomId, id);
    if (terms !== undefined && !isIn(id)) {
      const left = state?.membership === 'leave' && state.sender === id;
      const removed =
        state?.membership === 'ban' || (state?.membership === 'leave' && !left && state.sender !== bot);
      const mayStayOut =
        removed || (left && !terms.undone && !watch.lapsed.has(where)) || state?.membership === 'invite';
      if (!mayStayOut)
        wrong.push(
          `${id} is not in ${roomId}, who is entitled, and was ${state?.membership} by ${state?.sender}`,
        );
    }
    if (terms === undefined && isIn(id) && !isKept('kick', id)) {
      if (isClosed) wrong.push(`${id} is in ${roomId}, which is exclusive`);
      else if (watch.owned.has(where) && !stage.wasGentle(roomId))
        wrong.push(`${id} is in ${roomId}, who is not entitled any more`);
    }
    wrong.push(
      ...levelOf(
        stage,
        id,
        place,
        isIn(id) ? terms?.level : undefined,
        isKept('lower', id) || isKept('kick', id),
      ),
    );
  }
  for (const id of strangers) {
    if (isClosed && isIn(id) && !isKept('kick', id)) wrong.push(`${id} is in ${roomId}, which is exclusive`);
  }
  return wrong;
}

function levelOf(
  { watch }: Stage,
  id: UserId,
  place: Place,
  wanted: number | undefined,
  isKept: boolean,
): readonly string[] {
  const roomId = current(place);
  const level = watch.levelsIn(roomId)[id] ?? 0;
  const isFree = isKept || watch.touched.has(watch.at(id, roomId));
  if (level < (wanted ?? 0)) return [`${id} has only the level ${level} in ${roomId} instead of ${wanted}`];
  if (level > (wanted ?? 0) && !isFree)
    return [`${id} has the level ${level} in ${roomId} instead of ${wanted}`];
  return [];
}
