/** An answer that is asked for once, until it is doubted. */
export type Once<T> = {
  /** What was answered stays; what failed is asked for again. */
  readonly ask: () => Promise<T>;
  readonly doubt: () => void;
};

export function once<T>(answer: () => Promise<T>): Once<T> {
  let held: Promise<T> | undefined;
  return {
    async ask() {
      held ??= answer();
      const asked = held;
      try {
        return await asked;
      } catch (error) {
        if (held === asked) held = undefined;
        throw error;
      }
    },
    doubt() {
      held = undefined;
    },
  };
}
