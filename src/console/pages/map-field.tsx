import { useEffect, useRef, useState } from 'preact/hooks';
import type { FoundRooms, GroupEntry, MapCheck, Part } from '../answers.ts';
import { queryOf } from '../api.ts';
import { createMapEditor, type MapEditor, type Mark, type Word } from '../map-editor.ts';
import { useKeeper } from '../use-session.ts';

type Props = {
  /** What it starts with. From then on the text is the editor's, and who wants another there tells the editor. */
  readonly initial: string;
  readonly onChange: (text: string) => void;
  readonly editor: { current: MapEditor | undefined };
};

type Found = { readonly marks: readonly Mark[]; readonly notes: readonly string[] } | 'unknown';

/** The editor, and beneath it what it found, for whoever does not see colours. */
export function MapField({ initial, onChange, editor }: Props) {
  const { call } = useKeeper();
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(initial);
  const change = useRef(onChange);
  change.current = onChange;
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (place.current === null) return;
    let newest = 0;
    const check = async (now: string): Promise<readonly Mark[]> => {
      newest += 1;
      const mine = newest;
      const result = await findIn(() =>
        call<MapCheck>('/map/check', { method: 'POST', body: { text: now } }),
      );
      // An answer may come after that about a later text.
      if (mine === newest) setFound(result);
      return result === 'unknown' ? [] : result.marks;
    };
    const complete = async (what: 'group' | 'room', beginning: string): Promise<readonly Word[]> =>
      what === 'group'
        ? groupWords(
            await call<Part<GroupEntry>>(
              `/groups${queryOf({ search: beginning.replace(/^name:/, ''), limit: 20 })}`,
            ),
          )
        : roomWords(await call<FoundRooms>(`/homeserver/rooms${queryOf({ search: beginning })}`));
    const created = createMapEditor({
      ...{ parent: place.current, text: shown.current, check, complete, label: 'The group map' },
      onChange(next) {
        shown.current = next;
        change.current(next);
      },
    });
    editor.current = created;
    return () => created.destroy();
  }, [call, editor]);
  return (
    <>
      <div ref={place} class="map-editor" />
      <div class="map-marks" role="status">
        {found === undefined ? null : found === 'unknown' ? (
          <p>It could not be checked now.</p>
        ) : found.marks.length + found.notes.length === 0 ? (
          <p>Nothing is wrong in it.</p>
        ) : (
          <ul>
            {found.marks.map(({ line, column, message, severity }) => (
              <li key={`${line}:${column} ${message}`} class={severity === 'error' ? 'bad' : 'warn'}>
                <button type="button" class="plain" onClick={() => editor.current?.goTo({ line, column })}>
                  Line {line}
                </button>
                : {message}
              </li>
            ))}
            {found.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function groupWords({ items }: Part<GroupEntry>): readonly Word[] {
  return items.flatMap(({ name, externalId }) => [
    ...(externalId === undefined ? [] : [{ text: externalId, about: name }]),
    { text: `name:${name}` },
  ]);
}

function roomWords({ rooms }: FoundRooms): readonly Word[] {
  return rooms.map(({ roomId, alias, name }) => ({
    text: alias ?? roomId,
    ...(name !== undefined && { about: name }),
  }));
}

async function findIn(check: () => Promise<MapCheck>): Promise<Found> {
  try {
    const answer = await check();
    return { marks: marksOf(answer), notes: answer.notes };
  } catch {
    return 'unknown';
  }
}

function marksOf({ problems, warnings }: MapCheck): readonly Mark[] {
  return [
    ...problems.map((problem) => ({ ...problem, severity: 'error' as const })),
    ...warnings.map((warning) => ({ ...warning, severity: 'warning' as const })),
  ];
}
