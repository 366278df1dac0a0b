import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Span as ApiSpan,
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { HomeserverError } from '../../matrix/error.ts';
import type { Span, SpanStart, Tracing } from '../../tracing.ts';
import { createMarks } from './marks.ts';

/** 10,000 people of one request each take some 2 MB. */
const MOST_MARKS = { subjects: 10_000, each: 8 };

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

const propagator = new W3CTraceContextPropagator();

type OpenTelemetry = Tracing & {
  /** The id of the trace that is under way. */
  readonly traceId: () => string | undefined;
};

/** Tracing by a tracer of the SDK; nothing of it is global, so that nobody else's package can speak by it. */
export function tracingBy(tracer: Tracer, { propagates }: { readonly propagates: boolean }): OpenTelemetry {
  const storage = new AsyncLocalStorage<Context>();
  const marks = createMarks<SpanContext>(MOST_MARKS);
  const current = (): SpanContext | undefined => trace.getSpanContext(storage.getStore() ?? ROOT_CONTEXT);

  const parentOf = (start: SpanStart): Context => {
    if (start.kind === 'client') return storage.getStore() ?? ROOT_CONTEXT;
    if (start.kind === 'internal' || !propagates) return ROOT_CONTEXT;
    return propagator.extract(ROOT_CONTEXT, start.headers, defaultTextMapGetter);
  };

  const headersIn = (context: Context): Readonly<Record<string, string>> => {
    const headers: Record<string, string> = {};
    if (propagates) propagator.inject(context, headers, defaultTextMapSetter);
    return headers;
  };

  return {
    async span(start, work) {
      const subject = start.kind === 'internal' ? start.subject : undefined;
      const causes = subject === undefined ? [] : marks.take(subject);
      const parent = parentOf(start);
      const options = {
        kind: KINDS[start.kind],
        attributes: start.attributes,
        links: causes.map((context) => ({ context })),
      };
      const span = tracer.startSpan(start.name, options, parent);
      const context = trace.setSpan(parent, span);
      const again = (): void => {
        if (subject === undefined) return;
        const meanwhile = marks.take(subject);
        for (const cause of [...causes, ...meanwhile]) marks.add([subject], cause);
      };
      const told = tellBy(span, again, () => headersIn(context));
      try {
        return await storage.run(context, () => work(told));
      } catch (error) {
        told.fail(typeOf(error));
        again();
        throw error;
      } finally {
        span.end();
      }
    },
    mark(subjects) {
      const cause = current();
      if (cause !== undefined) marks.add(subjects, cause);
    },
    traceId: () => current()?.traceId,
  };
}

function tellBy(span: ApiSpan, again: () => void, headers: Span['headers']): Span {
  return {
    set: (attributes) => span.setAttributes(attributes),
    rename: (name) => span.updateName(name),
    // Without a description: the message of an error may name a person.
    fail: (type) => span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR }),
    again,
    headers,
  };
}

function typeOf(error: unknown): string {
  if (error instanceof HomeserverError) return error.kind;
  return error instanceof Error ? error.name : 'unknown';
}
