import { HomeserverError, stopsEverything } from '../matrix/error.ts';

/** Something, mostly a room of the map, that only a person can mend. */
export type Problem = { readonly target: string; readonly message: string };

/** What goes wrong with one thing is a problem of that thing only. */
export async function orProblem<T>(target: string, read: () => Promise<T>): Promise<T | Problem> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof HomeserverError) || stopsEverything(error)) throw error;
    return { target, message: `${target}: ${error.message}` };
  }
}

const CHECK_MAP =
  'Correct the group map, or make the room; until then nobody is added to it or removed from it.';

export function unknownRoom(target: string): Problem {
  return { target, message: `${target} is not known to the homeserver. ${CHECK_MAP}` };
}

export function unknownAlias(target: string): Problem {
  return { target, message: `${target} is not an alias of any room. ${CHECK_MAP}` };
}

export function emptyRoom(target: string): Problem {
  const remedy = 'Have somebody of it join the room, or take the room out of the group map.';
  return {
    target,
    message: `Nobody of this homeserver is in ${target} any more, so it can let nobody in. ${remedy}`,
  };
}
