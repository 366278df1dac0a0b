import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Failed } from './states.tsx';
import { asProblem } from './use-data.ts';

/** Around the pages: what breaks in one is said in its place, and the navigation stays. */
export function Crash({ children }: { readonly children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary();
  const { path } = useLocation();
  // Another page may well be whole.
  useEffect(reset, [path]);
  if (error === undefined) return <>{children}</>;
  return <Failed problem={asProblem(error)} retry={reset} />;
}
