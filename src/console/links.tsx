import { to } from './places.ts';

type Called = { readonly scimId: string; readonly userName?: string; readonly displayName?: string };

/** By her name, with the user name below. */
export function PersonLink({ person }: { readonly person: Called }) {
  const { scimId, userName, displayName } = person;
  return (
    <>
      <a href={to('/people', scimId)}>{displayName ?? userName ?? scimId}</a>
      {displayName !== undefined && userName !== undefined && <small class="under">{userName}</small>}
    </>
  );
}

export function RoomLink({ target }: { readonly target: string }) {
  return <a href={to('/rooms', target)}>{target}</a>;
}

export function RoomLinks({ targets }: { readonly targets: readonly string[] }) {
  if (targets.length === 0) return <>–</>;
  return targets.map((target, index) => (
    <>
      {index > 0 && ', '}
      <RoomLink target={target} />
    </>
  ));
}

/** The mode and the like of a room, in short. */
export function termsText({
  mode,
  leave,
  powerLevel,
}: {
  readonly mode: string;
  readonly leave: string;
  readonly powerLevel?: number;
}): string {
  const parts = [mode, ...(leave === 'undone' ? ['who leaves is put back'] : [])];
  return [...parts, ...(powerLevel === undefined ? [] : [`power level ${powerLevel}`])].join(', ');
}
