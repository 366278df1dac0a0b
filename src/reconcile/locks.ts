/** Runs a task when none that came before it and shares a key with it is still running. */
export type Locks = <T>(keys: readonly string[], task: () => Promise<T>) => Promise<T>;

/** All keys are taken at once, in order of arrival: no two tasks can wait for each other. */
export function createLocks(): Locks {
  const last = new Map<string, Promise<void>>();
  return async (keys, task) => {
    const before = keys.map((key) => last.get(key));
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    for (const key of keys) last.set(key, done);
    try {
      await Promise.all(before);
      return await task();
    } finally {
      for (const key of keys) if (last.get(key) === done) last.delete(key);
      release();
    }
  };
}
