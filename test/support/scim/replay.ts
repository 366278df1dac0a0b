import { randomBytes, randomUUID } from 'node:crypto';
import { type Assertion, assertionHolds, read } from './assertion.ts';

/** A recording of a client's requests and of what the client needs of the answers: see test/recordings/FORMAT.md. */
export type Recording = {
  readonly client: string;
  readonly description: string;
  readonly setup?: readonly Step[];
  readonly steps: readonly Step[];
};

type Step = {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly expect: {
    readonly status: readonly number[];
    readonly json?: readonly Assertion[];
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly save?: Readonly<Record<string, string>>;
};

type Variables = Map<string, string>;
type Target = { readonly baseUrl: string; readonly token: string };

/** Sends a recording's requests one after the other; resolves with what the client would not be content with. */
export async function replay(recording: Recording, target: Target): Promise<readonly string[]> {
  const run = [...randomBytes(8)].map((byte) => (byte % 36).toString(36)).join('');
  const variables: Variables = new Map([
    ['token', target.token],
    ['run', run],
  ]);
  const complaints: string[] = [];
  for (const step of [...(recording.setup ?? []), ...recording.steps]) {
    const found = await replayStep(step, variables, target.baseUrl);
    complaints.push(...found.map((text) => `${step.request.method} ${step.request.path}: ${text}`));
  }
  return complaints;
}

async function replayStep(step: Step, variables: Variables, baseUrl: string): Promise<readonly string[]> {
  const request = filled(step.request, variables);
  const expected = filled(step.expect, variables);
  const response = await fetch(baseUrl + request.path, {
    method: request.method,
    headers: request.headers ?? {},
    redirect: 'manual',
    ...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  for (const [name, path] of Object.entries(step.save ?? {})) {
    const [value] = read(json, path);
    if (value !== undefined) variables.set(name, String(value));
  }
  return complaintsAbout(response, json, expected);
}

function complaintsAbout(response: Response, json: unknown, expected: Step['expect']): readonly string[] {
  const { status, headers } = response;
  if (!expected.status.includes(status)) return [`status ${status}, wanted ${expected.status.join(' or ')}`];
  const hasOtherBody = status === 204 || (status >= 400 && (expected.status[0] ?? 0) < 300);
  if (hasOtherBody) return [];
  const wrong = (expected.json ?? []).filter((assertion) => !assertionHolds(assertion, json));
  const missing = Object.entries(expected.headers ?? {}).filter(
    ([name, value]) => !headerMatches(headers.get(name) ?? '', value),
  );
  return [
    ...wrong.map((assertion) => `does not hold: ${JSON.stringify(assertion)}`),
    ...missing.map(([name]) => `header ${name}: ${headers.get(name)}`),
  ];
}

function headerMatches(value: string, wanted: string): boolean {
  return wanted.startsWith('~') ? new RegExp(wanted.slice(1), 'i').test(value) : value === wanted;
}

function bodyOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Replaces the placeholders. Throws for one that no earlier step has given. */
function filled<T>(value: T, variables: Variables): T {
  const text = JSON.stringify(value).replaceAll(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    if (name.startsWith('uuid:') && !variables.has(name)) variables.set(name, randomUUID());
    const known = variables.get(name);
    if (known === undefined) throw new Error(`no step gave ${name}`);
    return JSON.stringify(known).slice(1, -1);
  });
  return JSON.parse(text) as T;
}
