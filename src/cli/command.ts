import type { Terminal } from './terminal.ts';

export type Values = Readonly<Record<string, string | boolean | undefined>>;

export type Command = {
  /** A boolean is a switch, a string takes a value. */
  readonly options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>;
  /** Names of what stands after the command; a name that ends in `?` may be left out. */
  readonly operands?: readonly string[];
  readonly run: (terminal: Terminal, options: Values, operands: readonly string[]) => Promise<number>;
};

export const SWITCH = { type: 'boolean' } as const;
export const TEXT = { type: 'string' } as const;

/** What was given to an option that takes a value. */
export function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
