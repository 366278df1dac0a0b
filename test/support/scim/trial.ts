import { expect } from 'vitest';
import { type Answer, group, type Send, scimClient, user } from './client.ts';
import { LIMITS, type ScimServer, startScimServer } from './server.ts';

export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';

/** Bytes. */
export const MAX_BODY = 8_000_000;

/**
 * Milliseconds: until the request is answered, and until another one is that came with it. Far more than it takes, as
 * other tests run beside this one and in its process is the client; `npm run bench` has the limits.
 */
const LONGEST_ANSWER = 10_000;
export const LONGEST_WAIT = 3_000;

/** A server that is treated badly, with one user and one group in it. */
export type Trial = {
  readonly server: ScimServer;
  readonly send: Send;
  readonly ann: string;
  readonly staff: string;
  /** How many there are of each kind, and the two as they are. */
  readonly world: () => Promise<unknown>;
  /** What comes of a request, if it comes in time and others are served meanwhile. */
  readonly inTime: <T>(request: () => Promise<T>) => Promise<T>;
  /** The request is refused in time by a SCIM error, and nothing has changed. */
  readonly expectRefusal: (
    request: () => Promise<Answer>,
    status: number,
    scimType?: string,
  ) => Promise<void>;
  /** Nothing went wrong that nobody had foreseen. */
  readonly expectNoFault: () => void;
};

export async function startTrial(): Promise<Trial> {
  const server = await startScimServer({ limits: { ...LIMITS, maxBodyBytes: MAX_BODY } });
  const send = scimClient(server);
  const emails = [{ value: 'a@example.com', type: 'work' }];
  const ann = (await send('POST', '/Users', user('ann', { emails }))).body.id;
  const members = [{ value: ann }, { value: 'x' }];
  const staff = (await send('POST', '/Groups', group('staff', { members }))).body.id;

  const world = async () => {
    const paths = ['/Users?count=0', '/Groups?count=0', `/Users/${ann}`, `/Groups/${staff}`];
    const answers = await Promise.all(paths.map((path) => send('GET', path)));
    return answers.map(({ status, body }) => ({ status, body }));
  };
  const inTime = async <T>(request: () => Promise<T>): Promise<T> => {
    const answered = request();
    const began = performance.now();
    const since = () => performance.now() - began;
    const other = send('GET', '/Users/nobody').then(since);
    const time = answered.then(since);
    expect(await time).toBeLessThan(LONGEST_ANSWER);
    expect(await other).toBeLessThan(LONGEST_WAIT);
    return answered;
  };
  return {
    server,
    send,
    ann,
    staff,
    world,
    inTime,
    async expectRefusal(request, status, scimType) {
      const before = await world();
      const answer = await inTime(request);
      expect(answer.body).toEqual({
        schemas: [ERROR],
        status: String(status),
        ...(scimType && { scimType }),
        detail: expect.any(String),
      });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('application/scim+json');
      expect(await world()).toEqual(before);
    },
    expectNoFault: () => expect(server.logged()).not.toContain('"level":"error"'),
  };
}

export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const nested = (open: string, close: string, depth: number) =>
  open.repeat(depth) + close.repeat(depth);

export const bulk = (...operations: object[]) => ({ schemas: [BULK], Operations: operations });
