import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Part, RoomEntry } from './answers.ts';
import { useData } from './use-data.ts';

const RoomNames = createContext<ReadonlyMap<string, string>>(new Map());

/** Has texts below it say `#eng:example.com` where the journal has the id of the room. */
export function WithRoomNames({ children }: { readonly children: ComponentChildren }) {
  const { data } = useData<Part<RoomEntry>>('/rooms?limit=200');
  const rooms = data.kind === 'ready' ? data.value.items : [];
  const names = new Map(
    rooms.flatMap(({ target, roomId }) => (roomId === undefined ? [] : [[roomId, target] as const])),
  );
  return <RoomNames.Provider value={names}>{children}</RoomNames.Provider>;
}

/** A text in which room ids are. */
export function Text({ children }: { readonly children: string }) {
  const names = useContext(RoomNames);
  return <>{children.replaceAll(/![\w-]+(:[\w.:-]+)?/g, (id) => names.get(id) ?? id)}</>;
}
