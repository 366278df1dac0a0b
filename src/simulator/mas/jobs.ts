import { Refusal } from '../refusal.ts';
import { MasRefusal } from './refusal.ts';

/** What MAS tells Synapse after it has answered. Unless they are held, jobs run with the next request to either. */
export type Jobs = {
  schedule(job: () => void): void;
  /** From now on they wait for `run`. */
  hold(): void;
  /** Runs those that wait, and holds no more. What Synapse refuses or can't be told now is tried again later. */
  run(): void;
  /** Runs them unless they are held. */
  catchUp(): void;
  /** How many there are to do. */
  waiting(): number;
};

export function createJobs(): Jobs {
  let queue: readonly (() => void)[] = [];
  let held = false;

  function catchUp(): void {
    if (held) return;
    const due = queue;
    queue = [];
    queue = [...due.filter((job) => !isDone(job)), ...queue];
  }

  return {
    schedule(job) {
      queue = [...queue, job];
    },
    hold() {
      held = true;
    },
    run() {
      held = false;
      catchUp();
    },
    catchUp,
    waiting: () => queue.length,
  };
}

function isDone(job: () => void): boolean {
  try {
    job();
    return true;
  } catch (error) {
    if (error instanceof Refusal || error instanceof MasRefusal) return false;
    throw error;
  }
}
