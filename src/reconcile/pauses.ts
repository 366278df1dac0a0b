import type { HomeserverError } from '../matrix/error.ts';
import { backoff } from './backoff.ts';

export type Pause = {
  /** `internal` is trouble of our own, such as a disk that is full. */
  readonly kind: HomeserverError['kind'] | 'internal';
  readonly message: string;
  readonly until: number;
};

type Trouble = Pick<Pause, 'kind' | 'message'> & { readonly retryAfterMs?: number | undefined };

/** While the homeserver as a whole does not answer, everything waits: 1 s, doubling up to a minute. */
export interface Pauses {
  isPaused(): boolean;
  current(): Pause | undefined;
  begin(trouble: Trouble): void;
  /** Something was answered. */
  end(): void;
}

type Deps = {
  readonly now: () => number;
  readonly random: () => number;
  readonly listener: {
    /** Once for each outage, and when its kind changes. */
    readonly paused: (pause: Pause) => void;
    readonly resumed: () => void;
  };
};

/** In milliseconds. */
export const OUTAGE = { baseMs: 1_000, capMs: 60_000 };

export function createPauses({ now, random, listener }: Deps): Pauses {
  let pause: Pause | undefined;
  let outages = 0;
  const isPaused = (): boolean => pause !== undefined && pause.until > now();
  return {
    isPaused,
    current: () => pause,
    begin(trouble) {
      if (isPaused()) return;
      const wait = Math.max(trouble.retryAfterMs ?? 0, backoff(outages, OUTAGE, random));
      const isNews = outages === 0 || pause?.kind !== trouble.kind;
      outages += 1;
      pause = { kind: trouble.kind, message: trouble.message, until: now() + wait };
      if (isNews) listener.paused(pause);
    },
    end() {
      if (outages > 0) listener.resumed();
      outages = 0;
      pause = undefined;
    },
  };
}
