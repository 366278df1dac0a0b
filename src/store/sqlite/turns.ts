/** Who is alone with something for a while, by key. */
export type Turns = {
  readonly isTaken: (key: string) => boolean;
  /** Takes what nobody has; what it returns gives it back. */
  readonly take: (key: string) => () => void;
  /** Resolves once nobody has it. */
  readonly free: (key: string) => Promise<void>;
};

export function createTurns(): Turns {
  const taken = new Map<string, Promise<void>>();
  return {
    isTaken: (key) => taken.has(key),
    take(key) {
      const { promise, resolve } = Promise.withResolvers<void>();
      taken.set(key, promise);
      return () => {
        taken.delete(key);
        resolve();
      };
    },
    async free(key) {
      for (let turn = taken.get(key); turn !== undefined; turn = taken.get(key)) await turn;
    },
  };
}
