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

/** Let in at one go. The work of each is some milliseconds in which nobody else is answered. */
const AT_ONCE = 8;

/** First come, first served; those who run Usher, who need no place, are answered in between. */
export function createPlaces({ places, waiting, patienceMs }: PlacesOptions): Places {
  let taken = 0;
  let isLetting = false;
  const queue = new Set<() => void>();
  const letIn = (): void => {
    isLetting = false;
    let left = Math.min(AT_ONCE, places - taken);
    for (const give of queue) {
      if (left === 0) break;
      left -= 1;
      taken += 1;
      give();
    }
    letInSoon();
  };
  const letInSoon = (): void => {
    if (isLetting || queue.size === 0 || taken >= places) return;
    isLetting = true;
    setImmediate(letIn);
  };
  const leave = (): void => {
    taken -= 1;
    letInSoon();
  };
  return {
    async enter() {
      if (queue.size === 0 && taken < places) {
        taken += 1;
        return leave;
      }
      if (queue.size >= waiting) return undefined;
      return new Promise((resolve) => {
        const settle = (place: (() => void) | undefined): void => {
          clearTimeout(timer);
          queue.delete(give);
          resolve(place);
        };
        const give = (): void => settle(leave);
        const timer = setTimeout(() => settle(undefined), patienceMs);
        queue.add(give);
      });
    },
  };
}
