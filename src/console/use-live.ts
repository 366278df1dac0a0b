import { useEffect, useState } from 'preact/hooks';
import type { JournalEntry } from './answers.ts';
import { API } from './places.ts';
import { useKeeper } from './use-session.ts';

/** How many entries are kept on the page. */
const KEPT = 500;

export type Live = {
  /** What came since the page is there, the newest first. */
  readonly entries: readonly JournalEntry[];
  readonly state: 'connecting' | 'live' | 'off';
};

/** What the journal gets while the page is there; the browser comes back by itself after what cuts it off. */
export function useLive(isWanted: boolean): Live {
  const { look } = useKeeper();
  const [entries, setEntries] = useState<readonly JournalEntry[]>([]);
  const [state, setState] = useState<Live['state']>('off');
  useEffect(() => {
    if (!isWanted) return setState('off');
    setState('connecting');
    const source = new EventSource(`${API}/journal/stream`);
    source.addEventListener('open', () => setState('live'));
    source.addEventListener('entry', ({ data }) => {
      const entry = JSON.parse(data) as JournalEntry;
      setEntries((before) => [entry, ...before].slice(0, KEPT));
    });
    source.addEventListener('error', () => {
      const isOver = source.readyState === EventSource.CLOSED;
      setState(isOver ? 'off' : 'connecting');
      // It does not say why it was refused: perhaps the session has ended.
      if (isOver) void look();
    });
    return () => source.close();
  }, [isWanted, look]);
  return { entries, state };
}
