import { HomeserverError } from '../../../src/matrix/error.ts';
import type { Homeserver } from '../../../src/matrix/homeserver.ts';
import type { Store } from '../../../src/store/store.ts';
import { type Fault, WRITES } from './story.ts';

/** The process was killed: nothing that it does from now on has any effect. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** What may happen to the calls of one run. */
export type Course = {
  readonly faults: readonly Fault[];
  readonly crashAt: number | undefined;
  readonly onRead: (count: number) => Promise<void>;
};

/** Counts calls, and kills at one of them. */
export function createLife(crashAt: number | undefined) {
  let calls = 0;
  return {
    step(): void {
      calls += 1;
      if (crashAt !== undefined && calls >= crashAt) throw new Killed(`killed at call ${calls}`);
    },
    isOver: (): boolean => crashAt !== undefined && calls >= crashAt,
  };
}

export type Life = ReturnType<typeof createLife>;

const AsyncGeneratorFunction = async function* () {}.constructor;

type AnyMethod = (...args: unknown[]) => unknown;

const CHANGING: ReadonlySet<string> = new Set([...WRITES, 'createRoom', 'addChild', 'upload']);

const isChanging = (method: string): boolean => CHANGING.has(method);

/** Calls between which and a change nothing is looked at again. */
const LATE_READS: ReadonlySet<string> = new Set(['member', 'identify']);

/** The homeserver with the faults of a run in front of it. `watched` is told of each call that gets there. */
export function faulty(inner: Homeserver, { faults, onRead }: Course, life: Life): Homeserver {
  const seen = new Map<Fault, number>();
  let reads = 0;
  const errorFor = (method: string, late: boolean): HomeserverError | undefined => {
    let error: HomeserverError | undefined;
    for (const fault of faults) {
      if (fault.method !== method || fault.late !== late) continue;
      const count = (seen.get(fault) ?? 0) + 1;
      seen.set(fault, count);
      if (count <= fault.skip || count > fault.skip + fault.count) continue;
      error ??= new HomeserverError(fault.kind, `a fault of ${method}`, { retryAfterMs: 2_000 });
    }
    return error;
  };
  const before = async (method: string): Promise<void> => {
    life.step();
    const early = errorFor(method, false);
    if (early !== undefined) throw early;
    if (isChanging(method) || LATE_READS.has(method)) return;
    reads += 1;
    await onRead(reads);
  };
  const after = (method: string): void => {
    life.step();
    const late = errorFor(method, true);
    if (late !== undefined) throw late;
  };
  return new Proxy(inner, {
    get(target, name) {
      const method = String(name);
      const own = Reflect.get(target, name);
      if (typeof own !== 'function') return own;
      if (method === 'accounts') {
        return async function* () {
          await before(method);
          yield* target.accounts();
        };
      }
      return async (...args: unknown[]) => {
        await before(method);
        const result = await (own as AnyMethod).apply(target, args);
        after(method);
        return result;
      };
    },
  });
}

/** The store of one life. `onCall` sees each call before it is made. */
export function storeOf(
  store: Store,
  life: Life,
  onCall: (path: string, args: readonly unknown[]) => Promise<void>,
): Store {
  const wrap = (part: object, path: string): object =>
    new Proxy(part, {
      get(target, name) {
        const own = Reflect.get(target, name);
        const full = path === '' ? String(name) : `${path}.${String(name)}`;
        if (full === 'seal') return async () => 'same';
        if (typeof own === 'object' && own !== null) return wrap(own, full);
        if (typeof own !== 'function') return own;
        const step = async (args: readonly unknown[]): Promise<void> => {
          life.step();
          await onCall(full, args);
        };
        if (own instanceof AsyncGeneratorFunction) {
          return async function* (...args: unknown[]) {
            await step(args);
            yield* (own as AnyMethod).apply(target, args) as AsyncIterable<unknown>;
          };
        }
        return async (...args: unknown[]) => {
          await step(args);
          return (own as AnyMethod).apply(target, args);
        };
      },
    });
  return wrap(store, '') as Store;
}
