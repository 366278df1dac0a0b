import { useEffect, useRef, useState } from 'preact/hooks';
import type { MapEdition, MapEditions, MapText } from '../answers.ts';
import { Dialog } from '../dialog.tsx';
import { Difference } from '../difference.tsx';
import { Show } from '../states.tsx';
import { type Column, Table } from '../table.tsx';
import { useData } from '../use-data.ts';
import { When } from '../when.tsx';

type Props = {
  /** The map as it is written now. */
  readonly now: MapText;
  /** Takes an old text into the editor. */
  readonly onTake: (text: string) => void;
};

/** The maps that were in force, and the way back to one. */
export function MapHistory({ now, onTake }: Props) {
  const { data, reload } = useData<MapEditions>('/map/history');
  const [shown, setShown] = useState<number>();
  const listed = useRef(now.version);
  useEffect(() => {
    if (listed.current === now.version) return;
    listed.current = now.version;
    reload();
  }, [now.version, reload]);
  const columns: readonly Column<MapEditions['editions'][number]>[] = [
    { head: 'Since', isName: true, cell: ({ at }) => <When at={at} /> },
    { head: 'By', cell: ({ who }) => who },
    { head: 'Lines', cell: ({ added, removed }) => `+${added} −${removed}` },
    {
      head: 'Text',
      cell: ({ id }) => (
        <button type="button" class="small" onClick={() => setShown(id)}>
          Show
        </button>
      ),
    },
  ];
  return (
    <section aria-labelledby="map-history">
      <h2 id="map-history">History</h2>
      <Show data={data} what="the history" reload={reload}>
        {({ editions }) => (
          <Table caption="History" columns={columns} rows={editions} keyOf={({ id }) => String(id)} />
        )}
      </Show>
      {shown !== undefined && (
        <Edition
          id={shown}
          now={now.text}
          onEnd={() => setShown(undefined)}
          onTake={(text) => {
            onTake(text);
            setShown(undefined);
          }}
        />
      )}
    </section>
  );
}

type EditionProps = {
  readonly id: number;
  readonly now: string;
  readonly onEnd: () => void;
  readonly onTake: (text: string) => void;
};

function Edition({ id, now, onEnd, onTake }: EditionProps) {
  const { data, reload } = useData<MapEdition>(`/map/history/${id}`);
  return (
    <Dialog title="A map that was in force" isWide onCancel={onEnd}>
      <Show data={data} what="the map" reload={reload}>
        {({ who, at, text }) => (
          <>
            <p>
              By {who}, <When at={at} />
            </p>
            <pre>
              <code>{text}</code>
            </pre>
            <h3>What taking it would change</h3>
            <Difference before={now} after={text} />
            <footer>
              <button type="button" class="secondary" onClick={onEnd}>
                Close
              </button>
              <button type="button" onClick={() => onTake(text)}>
                Take it into the editor
              </button>
            </footer>
          </>
        )}
      </Show>
    </Dialog>
  );
}
