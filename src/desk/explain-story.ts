import type { Finding } from '../plan/change.ts';
import { describeChange } from '../plan/render.ts';
import type { JournalEntry } from '../store/store.ts';
import { termsOf } from './map-rooms.ts';
import type { PersonFacts } from './person-facts.ts';
import type { RoomFacts } from './room-facts.ts';
import type { Step } from './step.ts';
import { span, utc, when } from './words.ts';

type Context = {
  readonly bot: string;
  readonly now: number;
  readonly resyncMs: number;
  readonly isDryRun: boolean;
};

export type Next = {
  readonly kind:
    | 'nothing'
    | 'join'
    | 'kick'
    | 'other'
    | 'held'
    | 'rejected'
    | 'respected'
    | 'blocked'
    | 'unknown';
  readonly text: string;
  /** By which a person may have it otherwise. */
  readonly steps?: readonly Step[];
};

/** Whether she is in the room: by what the homeserver says, else as recorded. */
export function isIn({ standing, record }: RoomFacts): boolean {
  if (standing === undefined) return record?.state === 'joined';
  return standing !== 'none' && standing.membership === 'join';
}

/** How people call her; with the account, if it is certain to be hers. */
export function nameOf(person: PersonFacts): string {
  const { profile, link, userId } = person;
  const account = link?.account ?? (blockOf(person) === undefined ? person.account : undefined);
  const name = profile?.displayName ?? profile?.userName;
  if (name === undefined) return account ?? userId;
  return account === undefined ? name : `${name} (${account})`;
}

/** Whether she is in the room and why, in one sentence. */
export function answerOf(person: PersonFacts, facts: RoomFacts, context: Context): string {
  const she = nameOf(person);
  const target = facts.room.target;
  const [because, isYet] = isIn(facts) ? [whyIn(person, facts), false] : whyOut(person, facts, context);
  return `${she} is ${isIn(facts) ? '' : 'not '}in ${target}${isYet ? ' yet' : ''}${because}.`;
}

function whyIn(person: PersonFacts, facts: RoomFacts): string {
  const [first, ...more] = facts.hers;
  if (first !== undefined) {
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    if (first.chain.length === 1) return ` because she is in the group ${first.name}${rest}`;
    const [inner = '', ...outer] = first.chain;
    return ` because she is in ${inner}, which is in ${outer.join(', which is in ')}${rest}`;
  }
  if (facts.everybody !== undefined) return ' because the group map opens it to everybody ("*")';
  const lost = whyClosed(person, facts);
  if (facts.holds.some(({ verdict }) => verdict === 'rejected')) {
    return ` although ${lost}: somebody decided that she stays`;
  }
  if (facts.holds.length > 0) return ` although ${lost}: her removal waits for approval`;
  if (isToStay(facts)) return `, where ${lost}: the map says never to remove anybody`;
  if (facts.record !== undefined) {
    return ` although ${lost}${keptBy(person, facts) === undefined ? ': she is to be removed' : ''}`;
  }
  if (lastOf(facts)?.action === 'join') {
    return ` although ${lost}: Usher let her in once, and she was unlinked from her account since then`;
  }
  return `, and not by Usher: ${lost}, and Usher did not let her in`;
}

/** Of an additive room the record ends with the entitlement, and she stays whom Usher let in. */
function isToStay(facts: RoomFacts): boolean {
  if (facts.record !== undefined) return facts.record.mode === 'additive';
  return termsOf(facts.room.doors).mode === 'additive' && lastOf(facts)?.action === 'join';
}

function whyOut(person: PersonFacts, facts: RoomFacts, context: Context): readonly [string, boolean] {
  const { standing, hers, everybody, record } = facts;
  const isOpen = hers.length > 0 || everybody !== undefined;
  if (standing !== undefined && standing !== 'none' && standing.membership === 'ban') {
    return [` because a moderator, ${standing.sender}, banned her${foundOn(facts, 'banned')}`, false];
  }
  if (!isOpen) return [` because ${whyClosed(person, facts)}${removedOn(facts)}`, false];
  if (facts.room.roomId === undefined) return [': the homeserver was not found to know that room', true];
  const blocked = blockOf(person);
  if (blocked !== undefined)
    return [`, though ${openerOf(facts)} opens it: ${withoutStop(firstSentence(blocked))}`, false];
  if (standing !== undefined && standing !== 'none' && standing.membership === 'leave') {
    if (standing.sender === context.bot)
      return [`: ${openerOf(facts)} opens it, and she is to be joined`, true];
    if (standing.sender !== person.account) {
      return [` because a moderator, ${standing.sender}, removed her${foundOn(facts, 'kicked')}`, false];
    }
    if (record?.state === 'left' || record?.state === 'joined') {
      return [` because she left by herself${foundOn(facts, 'left')}`, false];
    }
  }
  if (record?.state === 'left') return [` because she left by herself${foundOn(facts, 'left')}`, false];
  if (record?.state === 'kicked' || record?.state === 'banned') {
    return [` because a moderator removed her${foundOn(facts, record.state)}`, false];
  }
  const failed = person.waiting?.lastError !== undefined;
  const told = failed ? ', she is to be joined, and the last attempt failed' : ', and she is to be joined';
  return [`: ${openerOf(facts)} opens it${told}`, true];
}

/** Why she is not removed from a room that nothing opens to her any more. */
function keptBy({ live }: PersonFacts, facts: RoomFacts): string | undefined {
  const { record, hers, everybody, changes, hasEnded } = facts;
  const isClosed = hers.length === 0 && everybody === undefined;
  if (live.kind === 'unread' || record === undefined || !isClosed || !isIn(facts)) return undefined;
  if (changes.some(({ kind }) => kind === 'kick')) return undefined;
  if (record.mode === 'additive') return 'the room is additive, and nobody is removed from it';
  return hasEnded
    ? 'the room was replaced by an upgrade, and nobody is removed from the old one'
    : 'a room of her groups is not known yet, and until it is, nothing that they gave is taken away';
}

/** Why nothing opens the room to her. */
function whyClosed({ user, profile, link }: PersonFacts, facts: RoomFacts): string {
  const { room, record } = facts;
  if (user === undefined) return 'the provider deleted her';
  if (profile?.active === false) {
    const since = link?.inactiveSince;
    return `the provider deactivated her${since === undefined ? '' : ` (found on ${utc(since)})`}`;
  }
  const since = record === undefined && lastOf(facts) === undefined ? '' : ' any more';
  return room.doors.length === 0
    ? `the group map does not name that room${since}`
    : `no group of hers opens it${since}`;
}

/** What Usher did last to let her in or out. */
export function lastOf({ history }: RoomFacts): JournalEntry | undefined {
  return history.find(
    ({ action, outcome }) => outcome === 'done' && (action === 'join' || action === 'kick'),
  );
}

function removedOn(facts: RoomFacts): string {
  const last = lastOf(facts);
  return last?.action === 'kick' ? `: Usher removed her on ${utc(last.at)}` : '';
}

function openerOf({ hers, everybody }: RoomFacts): string {
  const [first] = hers;
  if (first !== undefined) return `her group ${first.name}`;
  return everybody === undefined ? 'nothing' : 'the entry "*"';
}

function foundOn({ history }: RoomFacts, action: string): string {
  const entry = history.find((each: JournalEntry) => each.action === action);
  return entry === undefined ? '' : ` (found on ${utc(entry.at)})`;
}

/** What keeps her from having an account, and so from everything. */
export function blockOf({ live, waiting }: PersonFacts): string | undefined {
  if (live.kind === 'read') return live.plan.findings.find(isInTheWay)?.message;
  return waiting?.lastError?.kind === 'conflict' ? waiting.lastError.message : undefined;
}

/** That she stays a server admin keeps nothing else from her. */
function isInTheWay({ blocking, code }: Finding): boolean {
  return blocking && code !== 'last-admin';
}

/** What Usher will do about her and this room. */
export function nextOf(person: PersonFacts, facts: RoomFacts, context: Context): Next {
  const waits = facts.holds.find(({ verdict }) => verdict === undefined);
  if (waits !== undefined) {
    const text = `held: her removal waits until somebody decides (${withoutStop(waits.reason)})`;
    const { digest } = waits;
    return {
      kind: 'held',
      text,
      steps: [
        { kind: 'approve', digest },
        { kind: 'reject', digest },
      ],
    };
  }
  const rejected = facts.holds.find(({ verdict }) => verdict === 'rejected');
  if (rejected !== undefined) {
    const text = 'she stays: her removal was rejected, and can still be approved';
    return { kind: 'rejected', text, steps: [{ kind: 'approve', digest: rejected.digest }] };
  }
  const { live } = person;
  if (live.kind === 'unread') {
    return { kind: 'unknown', text: `can't be told, everything waits for the homeserver: ${live.reason}` };
  }
  const [change] = facts.changes;
  const turn = turnOf(person, context);
  if (change?.kind === 'join') return { kind: 'join', text: `she will be joined ${turn}` };
  if (change?.kind === 'kick') return { kind: 'kick', text: `she will be removed ${turn}` };
  if (change !== undefined) return { kind: 'other', text: `${describeChange(change)} ${turn}` };
  const blocked = blockOf(person);
  if (blocked !== undefined) return { kind: 'blocked', text: blocked };
  const kept = keptBy(person, facts);
  if (kept !== undefined) return { kind: 'nothing', text: `nothing: ${kept}` };
  return respectedOf(facts) ?? { kind: 'nothing', text: 'nothing: all is as it should be' };
}

function respectedOf(facts: RoomFacts): Next | undefined {
  const state = facts.findings.find(({ code }) => code in RESPECTED)?.code ?? facts.record?.state ?? '';
  const text = isIn(facts) ? undefined : RESPECTED[state];
  return text === undefined ? undefined : { kind: 'respected', text: `${text}${foundOn(facts, state)}` };
}

const RESPECTED: Readonly<Record<string, string>> = {
  left: 'nothing: she left by herself, and is not put back until she loses the entitlement and gets it again',
  kicked: 'nothing: a moderator removed her, and can invite her again; Usher does not',
  banned: 'nothing: a moderator banned her; Usher leaves it at that',
};

/** When her turn comes, for the end of a sentence. */
function turnOf({ waiting }: PersonFacts, { now, resyncMs, isDryRun }: Context): string {
  if (isDryRun) return 'when DRY_RUN is false: nothing is changed now';
  if (waiting === undefined) return `after the next full pass has found it (every ${span(resyncMs)})`;
  const { since, dueAt, attempts, lastError, cause } = waiting;
  const marked = cause === undefined ? '' : `, marked by ${cause}`;
  if (lastError === undefined || attempts === 0) {
    return `as soon as her turn comes (waiting since ${when(since, now)}${marked})`;
  }
  const due = dueAt <= now ? 'now' : `at ${utc(dueAt)} (in ${span(dueAt - now)})`;
  return `as soon as her turn comes (waiting since ${when(since, now)}, attempt ${attempts + 1} ${due}${marked}; last error: ${lastError.message})`;
}

/** What is so, without what to do about it. */
export function firstSentence(text: string): string {
  const end = text.indexOf('. ');
  return end < 0 ? text : text.slice(0, end + 1);
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
