import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Scope } from '../../access/token.ts';
import type { Holder } from '../tokens.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What comes with a request, as its schemas say. */
export type ApiRequest<P = unknown, Q = unknown, B = unknown> = {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Whose token or session it is. */
  readonly holder: Holder;
  /** What a client of a stream had last, if it comes back: its header `Last-Event-ID`. */
  readonly lastEventId?: string | undefined;
};

/** A content that goes on for a while. `isEndless`: it takes no place among the requests that are worked on. */
export type StreamKind = { readonly type: string; readonly isEndless: boolean };

/**
 * One thing the API does. The schemas validate what comes, describe it in OpenAPI, and say what goes out: the answer is
 * made by its schema, so that nothing is shown that it does not have.
 */
export type Endpoint = {
  readonly method: Method;
  /** Below `/api/v1`, with names in braces: `/tokens/{id}`. */
  readonly path: string;
  readonly scope: Extract<Scope, 'admin' | 'admin:read'>;
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType | undefined;
  readonly status: 200 | 201 | 204;
  /** Undefined with 204. With a stream, what each of its lines or events is. */
  readonly answer: z.ZodType | undefined;
  /** Then `handle` resolves with a `Readable`, which is sent as it is. */
  readonly stream: StreamKind | undefined;
  readonly handle: (request: ApiRequest) => Promise<unknown>;
};

type Described = Pick<Endpoint, 'method' | 'path' | 'scope' | 'tag' | 'summary'>;

type Typed<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = Described & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly status?: 200 | 201;
  /** None: 204. */
  readonly answer?: A;
  /** Rejects with `ApiProblem`. */
  readonly handle: (request: ApiRequest<z.output<P>, z.output<Q>, z.output<B>>) => Promise<z.input<A>>;
};

const NOTHING = z.strictObject({});

/** Where an endpoint's types come together: a handler gets what its schemas let through. */
export function endpoint<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  spec: Typed<P, Q, B, A>,
): Endpoint {
  const { params = NOTHING, query = NOTHING, body, answer, status = 200 } = spec;
  return {
    ...spec,
    ...{ params, query, body, answer, stream: undefined, status: answer === undefined ? 204 : status },
    handle: (request) => spec.handle(request as ApiRequest<z.output<P>, z.output<Q>, z.output<B>>),
  };
}

type Streaming<Q extends z.ZodType> = Described & {
  readonly stream: StreamKind;
  readonly query: Q;
  /** What each line or event is. */
  readonly answer: z.ZodType;
  readonly handle: (request: ApiRequest<unknown, z.output<Q>>) => Promise<Readable>;
};

/** The same for what is not sent in one piece. */
export function streaming<Q extends z.ZodType>(spec: Streaming<Q>): Endpoint {
  return {
    ...spec,
    ...{ params: NOTHING, body: undefined, status: 200 },
    handle: (request) => spec.handle(request as ApiRequest<unknown, z.output<Q>>),
  };
}
