import { API } from './places.ts';

export type Mistake = { readonly at: string; readonly message: string };

/** An answer that is none: the API's `application/problem+json`, or no connection (status 0). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly mistakes: readonly Mistake[];

  constructor(status: number, detail: string, mistakes: readonly Mistake[] = [], cause?: unknown) {
    super(detail, { cause });
    this.status = status;
    this.mistakes = mistakes;
  }
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
export type Call = {
  readonly method?: Method;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly csrf?: string | undefined;
};

/** One call of the API. Rejects with `Problem`. The cookie of the session goes along by itself. */
export async function callApi<T>(
  path: string,
  { method = 'GET', body, signal, csrf }: Call = {},
): Promise<T> {
  const response = await send(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(csrf !== undefined && method !== 'GET' && { 'x-csrf-token': csrf }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  });
  const text = await response.text();
  if (!response.ok) throw problemOf(response.status, text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${API}${path}`, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'Usher does not answer. Is it running, and is the network there?', [], error);
  }
}

function problemOf(status: number, text: string): Problem {
  try {
    const { detail, mistakes } = JSON.parse(text) as {
      readonly detail?: string;
      readonly mistakes?: readonly Mistake[];
    };
    if (detail !== undefined) return new Problem(status, detail, mistakes);
  } catch {
    // Not ours: such as a page of a proxy that stands between.
  }
  return new Problem(status, `The answer was ${status}. Is there a proxy between that does not reach Usher?`);
}

/** A query string of what is not empty, with its `?`. */
export function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}
