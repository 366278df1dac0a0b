import { type Sights, TROUBLE_KINDS, type Trouble, type TroubleKind } from './trouble.ts';

/** What those who read the reports know of a trouble, and what they do not yet. */
export type Entry = Trouble & {
  readonly kind: TroubleKind;
  /** When it was first seen, and when it was over. */
  readonly since: number;
  readonly until?: number | undefined;
  /** What stands here was told; `wasTold` if something else of it was. */
  readonly isTold: boolean;
  readonly wasTold: boolean;
};

/** What is to be told of one kind. */
export type News = {
  readonly kind: TroubleKind;
  readonly began: readonly Entry[];
  readonly changed: readonly Entry[];
  /** Over, and it was told that they began. */
  readonly over: readonly Entry[];
  /** Began and ended untold, as while nothing could be sent. */
  readonly passed: readonly Entry[];
  /** Told before, and still so. */
  readonly still: number;
};

/** Of troubles that came and went while nothing could be told, the newest so many are. */
const MOST_PASSED = 500;

/** The ledger with what is seen now; the same one if that is nothing new. */
export function withSights(ledger: readonly Entry[], sights: Sights, now: number): readonly Entry[] {
  let isNew = false;
  const change = (entry: Entry): Entry => {
    isNew = true;
    return entry;
  };
  const known = new Set(ledger.map(keyOf));
  const seen = new Map(
    [...sights].flatMap(([kind, all]) => all.map((each) => [keyOf({ kind, id: each.id }), each] as const)),
  );
  const after = ledger.map((entry) => {
    if (!sights.has(entry.kind)) return entry;
    const sighting = seen.get(keyOf(entry));
    if (sighting === undefined) return entry.until === undefined ? change({ ...entry, until: now }) : entry;
    const { isSettled, since, ...trouble } = sighting;
    const isBack = entry.until !== undefined;
    if (isSettled && trouble.mark !== entry.mark) {
      return change({ ...entry, ...trouble, until: undefined, isTold: false });
    }
    return isBack ? change({ ...entry, until: undefined }) : entry;
  });
  for (const [kind, all] of sights) {
    for (const { isSettled, ...trouble } of all) {
      if (!isSettled || known.has(keyOf({ kind, id: trouble.id }))) continue;
      after.push(change({ ...trouble, kind, isTold: false, wasTold: false }));
    }
  }
  return isNew ? withoutOldest(after) : ledger;
}

function withoutOldest(ledger: readonly Entry[]): readonly Entry[] {
  const passed = ledger.filter(isPassed);
  const dropped = new Set(passed.slice(0, Math.max(0, passed.length - MOST_PASSED)));
  return dropped.size === 0 ? ledger : ledger.filter((entry) => !dropped.has(entry));
}

/** What is to be told, by kind, in order; kinds of which nothing is are left out. */
export function newsIn(ledger: readonly Entry[]): readonly News[] {
  return TROUBLE_KINDS.map((kind): News => {
    const all = ledger.filter((entry) => entry.kind === kind);
    const open = all.filter(({ until }) => until === undefined);
    return {
      kind,
      began: open.filter(({ isTold, wasTold }) => !isTold && !wasTold),
      changed: open.filter(({ isTold, wasTold }) => !isTold && wasTold),
      over: all.filter(({ until, isTold, wasTold }) => until !== undefined && (isTold || wasTold)),
      passed: all.filter(isPassed),
      still: open.filter(({ isTold }) => isTold).length,
    };
  }).filter((news) => entriesIn(news).length > 0);
}

export function entriesIn({ began, changed, over, passed }: News): readonly Entry[] {
  return [...began, ...changed, ...over, ...passed];
}

/** The ledger once these were told, as they were then; meanwhile they may have become others. */
export function withTold(ledger: readonly Entry[], told: readonly Entry[]): readonly Entry[] {
  const before = new Map(told.map((entry) => [keyOf(entry), entry]));
  return ledger.flatMap((entry): readonly Entry[] => {
    const then = before.get(keyOf(entry));
    if (then === undefined) return [entry];
    if (then.until === undefined) {
      return [{ ...entry, isTold: entry.mark === then.mark, wasTold: true }];
    }
    // Told to be over: what is back meanwhile is as good as new.
    return entry.until === undefined ? [{ ...entry, isTold: false, wasTold: false }] : [];
  });
}

function isPassed({ until, isTold, wasTold }: Entry): boolean {
  return until !== undefined && !isTold && !wasTold;
}

function keyOf({ kind, id }: Pick<Entry, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}
