import { randomUUID } from 'node:crypto';
import { backoff } from '../reconcile/backoff.ts';
import type { Store } from '../store/store.ts';
import type { Channel, Delivery, Message } from './channel.ts';
import { nextDigestAfter } from './digest-time.ts';
import { type Entry, entriesIn, newsIn, withSights, withTold } from './ledger.ts';
import { render } from './render.ts';
import { digestOf, type Report, reportOf } from './report.ts';
import type { Sights } from './trouble.ts';

/** Tells one channel what is new. */
export interface Reporter {
  /** Resolves when what could be sent now was. Rejects with nothing that is about the channel. */
  tell(sights: Sights): Promise<void>;
  /** Why the channel can't be used, and what to do. */
  trouble(): string | undefined;
}

type Deps = {
  readonly store: Pick<Store, 'facts' | 'journal'>;
  readonly channel: Channel;
  readonly now: () => number;
  readonly random: () => number;
  /** Told when the trouble of the channel becomes another one, or ends. */
  readonly onTrouble: (trouble: string | undefined) => void;
  /** Told when the state could not be written down: then it is known until a restart. */
  readonly onUnwritten: (error: unknown) => void;
};

/** Kept as a fact, so that nothing is told again after a restart, and nothing is forgotten. */
type State = {
  readonly ledger: readonly Entry[];
  /** When a kind was last told. */
  readonly sentAt: Readonly<Record<string, number>>;
  /** The end of the last digest. */
  readonly digestedAt: number;
  /** What is on its way: it may have arrived, so that it is sent again as it is. */
  readonly sending: Sending | undefined;
};

type Sending = { readonly message: Message; readonly told: readonly Entry[]; readonly digestedAt?: number };

/** Between two messages of one kind, in milliseconds: what happens meanwhile is told together. */
const INTERVAL_MS = 600_000;
/** Between two attempts. */
const RETRY = { baseMs: 5_000, capMs: 600_000 };

export function createReporter({ store, channel, now, random, onTrouble, onUnwritten }: Deps): Reporter {
  const name = `reports:${channel.name}`;
  let state: State | undefined;
  let attempts = 0;
  let retryAt = 0;
  let trouble: string | undefined;

  const load = async (): Promise<State> => {
    const stored = (await store.facts.get(name)) as State | undefined;
    if (stored === undefined) return { ledger: [], sentAt: {}, digestedAt: now(), sending: undefined };
    return { ...stored, digestedAt: Math.min(stored.digestedAt, now()) };
  };

  const save = async (next: State): Promise<State> => {
    state = next;
    await store.facts.set(name, next).catch(onUnwritten);
    return next;
  };

  const messageOf = (report: Report): Message => ({
    ...render(report),
    ...{ kind: report.kind, at: now(), id: randomUUID() },
  });

  /** What lies ahead is not: the clock was set back. */
  const isRecent = (at = Number.NEGATIVE_INFINITY): boolean => now() >= at && now() - at < INTERVAL_MS;

  /** Undefined if there is nothing to tell, or it is too soon. */
  const nextToSend = async (current: State): Promise<Sending | undefined> => {
    for (const news of newsIn(current.ledger)) {
      if (isRecent(current.sentAt[news.kind])) continue;
      return { message: messageOf(reportOf(news)), told: entriesIn(news) };
    }
    const until = now();
    if (until < nextDigestAfter(current.digestedAt)) return undefined;
    const counts = await store.journal.counts(current.digestedAt, until);
    const digest = digestOf(counts, current.ledger, { since: current.digestedAt, until });
    if (digest !== undefined) return { message: messageOf(digest), told: [], digestedAt: until };
    await save({ ...current, digestedAt: until });
    return undefined;
  };

  const setTrouble = (next: string | undefined): void => {
    if (next === trouble) return;
    trouble = next;
    onTrouble(next);
  };

  const settle = async (current: State, sent: Sending, delivery: Delivery): Promise<State> => {
    if (delivery.kind === 'sent') {
      attempts = 0;
      setTrouble(undefined);
      return save({
        ledger: withTold(current.ledger, sent.told),
        sentAt: { ...current.sentAt, [sent.message.kind]: now() },
        digestedAt: sent.digestedAt ?? current.digestedAt,
        sending: undefined,
      });
    }
    retryAt = now() + Math.max(delivery.retryAfterMs ?? 0, backoff(attempts, RETRY, random));
    attempts += 1;
    setTrouble(delivery.trouble);
    return delivery.isCertain ? save({ ...current, sending: undefined }) : current;
  };

  const sendAll = async (first: State): Promise<void> => {
    let current = first;
    while (channel.isOpen() && now() >= retryAt) {
      const sending = current.sending ?? (await nextToSend(current));
      if (sending === undefined) return;
      if (current.sending === undefined) current = await save({ ...current, sending });
      const delivery = await channel.send(sending.message);
      current = await settle(current, sending, delivery);
      if (delivery.kind === 'failed') return;
    }
  };

  return {
    async tell(sights) {
      const before = state ?? (await load());
      state = before;
      const ledger = withSights(before.ledger, sights, now());
      const current = ledger === before.ledger ? before : await save({ ...before, ledger });
      await sendAll(current);
    },
    trouble: () => trouble,
  };
}
