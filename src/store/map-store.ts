/** A group map that was in force, since when (milliseconds since 1970), and who made it so. */
export type MapEdition = {
  readonly id: number;
  readonly at: number;
  readonly who: string;
  readonly text: string;
};

/** Who made a map that was not saved by Usher. */
export const THE_FILE = 'the file';

/** The group maps that were in force, the newest of them; as text, with comments. */
export interface MapStore {
  /** Adds it, unless it says what the newest says; the oldest of too many are forgotten. */
  add(edition: Omit<MapEdition, 'id'>): Promise<void>;
  /** The newest first. */
  list(): Promise<readonly MapEdition[]>;
  get(id: number): Promise<MapEdition | undefined>;
}
