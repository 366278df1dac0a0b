/** What a person has to look at, by kind; one message is about one of them. */
export type TroubleKind =
  | 'held'
  | 'people'
  | 'rooms'
  | 'homeserver'
  | 'token'
  | 'database'
  | 'map'
  | 'provider';

/** In the order in which they are told. */
export const TROUBLE_KINDS: readonly TroubleKind[] = [
  ...(['database', 'token', 'homeserver', 'provider', 'map', 'held', 'rooms', 'people'] as const),
];

export type Trouble = {
  /** The same for the same trouble, also after a restart. */
  readonly id: string;
  /** Another one means that there is something new to tell of it, such as another digest to approve. */
  readonly mark: string;
  readonly text: string;
  /** What to run, to the letter. */
  readonly command?: string | undefined;
};

/**
 * A trouble as it is seen now, and since when without a break. `isSettled` once it stayed as it is for a while: only then it
 * is told.
 */
export type Sighting = Trouble & { readonly since: number; readonly isSettled: boolean };

/** What is wrong now; a kind that is not in it is not known at present, and nothing of it is over. */
export type Sights = ReadonlyMap<TroubleKind, readonly Sighting[]>;
