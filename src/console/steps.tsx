import type { Step } from './answers.ts';
import { to } from './places.ts';

/** Where a step is taken. */
const PLACES: Readonly<Record<string, readonly [path: string, name: string]>> = {
  approve: [to('/held'), 'Held'],
  reject: [to('/held'), 'Held'],
  held: [to('/held'), 'Held'],
  conflicts: [to('/conflicts'), 'Conflicts'],
  failing: [to('/people?failing=yes'), 'People'],
  tokens: [to('/tokens'), 'Tokens'],
};

/** What to do, with links to where it is done; what is not done in the console has its command for the server. */
export function WithSteps({
  text,
  steps = [],
}: {
  readonly text: string;
  readonly steps?: readonly Step[] | undefined;
}) {
  const byPlace = new Map(steps.map((step) => [PLACES[step.kind]?.[0] ?? step.command, step]));
  return (
    <>
      {text}
      {[...byPlace.values()].map(({ kind, command }, index) => {
        const [path, name] = PLACES[kind] ?? [];
        return (
          <>
            {index === 0 ? ': ' : ', or '}
            {path === undefined ? <code>{command}</code> : <a href={path}>{name}</a>}
            {path === undefined && ' on the server'}
          </>
        );
      })}
    </>
  );
}
