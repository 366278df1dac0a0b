/**
 * A clock that is not set back: when the given one is, this one goes on from where it was, until the other has caught up.
 * Else what is due in a minute would be due in a year, and what was done within the hour would be in the future. One
 * that is set forward is believed, since nobody can tell it from a machine that slept.
 */
export function createSteadyClock(wall: () => number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  let ahead = 0;
  return () => {
    const time = wall();
    if (time >= last) ahead = 0;
    else if (time + ahead < last) ahead = last - time;
    last = time + ahead;
    return last;
  };
}
