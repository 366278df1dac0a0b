import type { IncomingHttpHeaders } from 'node:http';

/** Never a secret, a query, or what names a person: traces go to other people than the log does. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Something that takes time, as a trace shows it. */
export type SpanStart = {
  /** One of few, as a route: names are counted. */
  readonly name: string;
  readonly attributes: SpanAttributes;
} & (
  | {
      /** A request: goes on with the trace that its headers tell of. */
      readonly kind: 'server';
      readonly headers: IncomingHttpHeaders;
    }
  /** A call to another server, below what is under way. */
  | { readonly kind: 'client' }
  | {
      /** A trace of its own, linked with what had marked the subject. */
      readonly kind: 'internal';
      readonly subject?: string;
    }
);

export type Span = {
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** It went wrong; one of few words, or a status. */
  fail(type: string): void;
  /** The subject will be looked at again: what had marked it is remembered until then. */
  again(): void;
  /** By these, who is called can go on with the trace. */
  headers(): Readonly<Record<string, string>>;
};

/** Traces as OpenTelemetry has them; loaded only if somebody asked for them: see `cli/tracing`. */
export interface Tracing {
  /** Resolves and rejects as `work` does. What rejects has failed, and will be looked at again. */
  span<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
  /** Remembers that what is under way is why each subject will be looked at. A hint: of too many the oldest are forgotten. */
  mark(subjects: Iterable<string>): void;
}

const NO_HEADERS = {};
const nothing = (): void => {};
const NO_SPAN: Span = {
  ...{ set: nothing, rename: nothing, fail: nothing, again: nothing },
  headers: () => NO_HEADERS,
};

export const NO_TRACING: Tracing = { span: (_, work) => work(NO_SPAN), mark: nothing };
