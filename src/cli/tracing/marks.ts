/** What marked whom, until she is looked at. In memory only, and bounded: what is forgotten leaves a link out. */
export type Marks<T> = {
  readonly add: (subjects: Iterable<string>, mark: T) => void;
  /** The marks of a subject, oldest first; they are forgotten by this. */
  readonly take: (subject: string) => readonly T[];
};

type Bounds = {
  /** Beyond so many subjects, the one that was marked first is forgotten. */
  readonly subjects: number;
  /** Beyond so many marks of one subject, the oldest is. */
  readonly each: number;
};

export function createMarks<T>({ subjects: most, each }: Bounds): Marks<T> {
  const marks = new Map<string, readonly T[]>();

  const addOne = (subject: string, mark: T): void => {
    const before = marks.get(subject) ?? [];
    if (before.includes(mark)) return;
    marks.set(subject, [...before, mark].slice(-each));
    if (marks.size <= most) return;
    const [first] = marks.keys();
    if (first !== undefined) marks.delete(first);
  };

  return {
    add(subjects, mark) {
      for (const subject of subjects) addOne(subject, mark);
    },
    take(subject) {
      const taken = marks.get(subject) ?? [];
      marks.delete(subject);
      return taken;
    },
  };
}
