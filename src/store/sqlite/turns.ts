/** Runs tasks of one key one after the other, in the order they came; tasks of different keys don't wait. */
export function createTurns(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const busy = new Map<string, Promise<void>>();
  return async (key, task) => {
    for (let before = busy.get(key); before !== undefined; before = busy.get(key)) await before;
    const { promise, resolve } = Promise.withResolvers<void>();
    busy.set(key, promise);
    try {
      return await task();
    } finally {
      busy.delete(key);
      resolve();
    }
  };
}
