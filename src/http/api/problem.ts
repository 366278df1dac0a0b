/** What is wrong with one part of a request: `at` is its name, such as `body.name`. */
export type Mistake = { readonly at: string; readonly message: string };

/** An answer of the API (RFC 9457). `message` is for people and is shown to the client: no secrets, no internals. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: 400 | 403 | 404 | 409 | 412 | 422 | 503;
  readonly mistakes: readonly Mistake[];

  constructor(
    status: ApiProblem['status'],
    message: string,
    { mistakes = [], cause }: { readonly mistakes?: readonly Mistake[]; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.mistakes = mistakes;
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

export function problemBody(status: number, detail: string, mistakes: readonly Mistake[] = []): object {
  return { status, detail, ...(mistakes.length > 0 && { mistakes }) };
}
