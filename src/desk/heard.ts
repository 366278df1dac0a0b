import type { SourceId } from '../directory/resource.ts';
import type { FactStore } from '../store/guard-store.ts';
import type { Overview, SourceSummary, Store } from '../store/store.ts';
import { utc } from './words.ts';

/** It is enough to know to the minute when a provider was heard. */
const NOTED_MS = 60_000;

const factOf = (source: SourceId): string => `heard:${source}`;

type HearingDeps = {
  readonly facts: Pick<FactStore, 'set'>;
  /** Told when it could not be written down. */
  readonly onFault: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Writes down that a provider sent a request, and keeps nobody waiting for that. */
export function createHearing({ facts, onFault, now }: HearingDeps): (source: SourceId) => void {
  const noted = new Map<SourceId, number>();
  return (source) => {
    const at = now();
    if (Math.abs(at - (noted.get(source) ?? 0)) < NOTED_MS) return;
    noted.set(source, at);
    facts.set(factOf(source), at).catch(onFault);
  };
}

/** When it was last heard, to the minute: by what was written down, or by what it changed. */
export async function lastHeard(
  { facts, overview }: { readonly facts: Pick<FactStore, 'get'>; readonly overview: Overview },
  source: SourceId,
): Promise<number | undefined> {
  const heard = await facts.get(factOf(source));
  const changed = await overview.lastModified(source);
  return typeof heard === 'number' ? Math.max(heard, changed ?? heard) : changed;
}

/** The providers that pushed something that is there. */
export async function providersIn(overview: Overview): Promise<readonly SourceSummary[]> {
  return (await overview.sources()).filter(({ users, groups }) => users + groups > 0);
}

/** When each of them was last heard. */
export async function heardProviders(
  store: Pick<Store, 'facts' | 'overview'>,
): Promise<ReadonlyMap<SourceId, number>> {
  const heard = new Map<SourceId, number>();
  for (const { source } of await providersIn(store.overview)) {
    const at = await lastHeard(store, source);
    if (at !== undefined) heard.set(source, at);
  }
  return heard;
}

/** Those of which nothing was heard for longer than that, each with a sentence; `since` we are there to be spoken to. */
export async function silentProviders(
  store: Pick<Store, 'facts' | 'overview'>,
  {
    silenceMs,
    since,
    now,
  }: { readonly silenceMs: number | undefined; readonly since: number; readonly now: number },
): Promise<ReadonlyMap<SourceId, string>> {
  if (silenceMs === undefined) return new Map();
  const heard = await heardProviders(store);
  const silent = [...heard].filter(([, at]) => now - Math.max(at, since) > silenceMs);
  return new Map(
    silent.map(([source, at]) => [source, `${source} sent nothing since ${utc(at)}: ${SILENT}`]),
  );
}

/** What to do about a provider that is silent. */
export const SILENT =
  'see what it says of its last sync, whether it reaches Usher, and whether its token is still good';
