import type { ComponentChildren } from 'preact';

/** A word that stands out. What it says is never told by its colour alone. */
export function Badge({
  kind,
  children,
}: {
  readonly kind: 'good' | 'warn' | 'bad' | 'plain';
  readonly children: ComponentChildren;
}) {
  return <span class={`badge ${kind}`}>{children}</span>;
}
