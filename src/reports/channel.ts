import type { Rendered } from './render.ts';

export type Message = Rendered & {
  /** What it is about: `held`, `rooms` …, or `digest`. */
  readonly kind: string;
  /** When it was written: milliseconds since 1970. */
  readonly at: number;
  /** The same when it is sent again: what arrives twice is told once. */
  readonly id: string;
};

/** Where reports go. */
export interface Channel {
  /** What its state is kept by. */
  readonly name: 'room' | 'webhook';
  /** False while it is known that nothing can be sent there. */
  isOpen(): boolean;
  send(message: Message): Promise<Delivery>;
}

export type Delivery =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'failed';
      /** It certainly did not arrive: what is sent next may have other words. */
      readonly isCertain: boolean;
      readonly retryAfterMs?: number | undefined;
      /** What a person has to mend, with the cure; undefined if it passes by itself. */
      readonly trouble: string | undefined;
    };
