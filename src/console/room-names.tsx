type Props = {
  readonly children: string;
  /** The room that the text is about, and what the map calls it. */
  readonly of: { readonly roomId?: string; readonly room?: string };
};

/** A text that says `#eng:example.com` where the journal has the id of the room. */
export function Text({ children, of: { roomId, room } }: Props) {
  return <>{roomId === undefined || room === undefined ? children : children.replaceAll(roomId, room)}</>;
}
