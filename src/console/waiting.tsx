import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Holds } from './answers.ts';
import { useData } from './use-data.ts';

type Waiting = {
  /** Holds that wait for a decision; undefined while that is not known. */
  readonly holds: number | undefined;
  /** Something was decided. */
  readonly reload: () => void;
};

const EVERY_MS = 30_000;
const Context = createContext<Waiting>({ holds: undefined, reload: () => {} });

/** Knows below it how much waits for a person, on whatever page. */
export function WithWaiting({ children }: { readonly children: ComponentChildren }) {
  const { data, reload } = useData<Holds>('/held?limit=1&changes=0', EVERY_MS);
  const holds = data.kind === 'ready' ? data.value.waiting : undefined;
  return <Context.Provider value={{ holds, reload }}>{children}</Context.Provider>;
}

export function useWaiting(): Waiting {
  return useContext(Context);
}
