import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { queryOf } from './api.ts';

/** Milliseconds without a key before a search is sent. */
const PAUSE = 250;

export type Query = {
  /** What stands in the address under this name; empty if nothing does. */
  readonly get: (name: string) => string;
  readonly set: (name: string, value: string) => void;
};

/** What is searched for stands in the address, so that it can be passed on, and is there again after going back. */
export function useQuery(): Query {
  const { path, query, route } = useLocation();
  return {
    get: (name) => query[name] ?? '',
    set: (name, value) => route(`${path}${queryOf({ ...query, [name]: value })}`, true),
  };
}

/** The value as it was when nobody had typed for a moment. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
