/** How much is done at once, and who waits for it. */
export type Places = {
  /** Resolves with what gives the place back, to be called once; or with undefined if there is none in time. */
  readonly enter: () => Promise<(() => void) | undefined>;
};

export type PlacesOptions = {
  readonly places: number;
  /** How many may wait. */
  readonly waiting: number;
  /** Milliseconds that one waits. */
  readonly patienceMs: number;
};

/** First come, first served. */
export function createPlaces({ places, waiting, patienceMs }: PlacesOptions): Places {
  let taken = 0;
  const queue = new Set<() => void>();
  const leave = (): void => {
    const [next] = queue;
    // The place is handed on, so that nobody who comes in between takes it.
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    async enter() {
      if (taken < places) {
        taken += 1;
        return leave;
      }
      if (queue.size >= waiting) return undefined;
      return new Promise((resolve) => {
        const give = (): void => {
          settle(leave);
        };
        const timer = setTimeout(() => settle(undefined), patienceMs);
        const settle = (place: (() => void) | undefined): void => {
          clearTimeout(timer);
          queue.delete(give);
          resolve(place);
        };
        queue.add(give);
      });
    },
  };
}
