import { z } from 'zod';
import { Refused } from '../../desk/error.ts';
import { MapChanged, type MapCheck, type MapDesk } from '../../desk/map.ts';
import type { Names, WholePlan } from '../../desk/whole-plan.ts';
import { HomeserverError } from '../../matrix/error.ts';
import { GroupMapError } from '../../plan/group-map.ts';
import type { Store } from '../../store/store.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { planAnswer, summed } from './map-plan.ts';
import { ApiProblem } from './problem.ts';
import { moment } from './values.ts';

const placed = z.object({ line: z.number().int(), column: z.number().int(), message: z.string() });
const text = z.string().max(2_000_000).describe('The map, as JSONC');
const version = z.string().describe('Tells this text from any other');

const mapAnswer = z.object({
  ...{ text, version },
  fixedBy: z
    .string()
    .nullable()
    .describe('Why it can not be saved from here, and what to do; null if it can'),
  ...{ problems: z.array(placed), warnings: z.array(placed), notes: z.array(z.string()) },
});
const checkAnswer = mapAnswer.pick({ problems: true, warnings: true, notes: true });

const edition = z.object({
  id: z.number().int(),
  at: moment,
  who: z.string(),
  added: z.number().int().describe('Lines'),
  removed: z.number().int().describe('Lines'),
});

export type MapDeps = {
  readonly store: Pick<Store, 'maps'>;
  readonly mapDesk: MapDesk;
  /** What would be done by a map. Rejects with `GroupMapError`, `HomeserverError`. */
  readonly planMap: (text: string) => Promise<{ readonly plan: WholePlan; readonly names: Names }>;
};

const about = { tag: 'Group map' } as const;

/** The group map: look, check, plan, save, and the way back. */
export function mapEndpoints({ store, mapDesk, planMap }: MapDeps): readonly Endpoint[] {
  let planning: Promise<void> | undefined;
  return [
    endpoint({
      ...{ ...about, method: 'get', path: '/map', scope: 'admin:read', answer: mapAnswer },
      summary: 'Show the group map as it is written now, with what is wrong in it',
      handle: () => translated(async () => shown(mapDesk, await mapDesk.read())),
    }),
    endpoint({
      ...{ ...about, method: 'post', path: '/map/check', scope: 'admin:read', answer: checkAnswer },
      ...{ summary: 'Check a text', body: z.strictObject({ text }) },
      handle: async ({ body }) => listed(await mapDesk.check(body.text)),
    }),
    endpoint({
      ...{ ...about, method: 'post', path: '/map/plan', scope: 'admin:read', answer: planAnswer },
      ...{ summary: 'Say what would be done by a text', body: z.strictObject({ text }) },
      // It reads every room: one at a time is enough for a homeserver.
      async handle({ body }) {
        while (planning !== undefined) await planning;
        const plan = translated(async () => summed(await planMap(body.text)));
        const isOver = (): void => {
          planning = undefined;
        };
        planning = plan.then(isOver, isOver);
        return plan;
      },
    }),
    endpoint({
      ...{ ...about, method: 'put', path: '/map', scope: 'admin', answer: mapAnswer },
      summary: 'Save a text, if the map is still of that version',
      body: z.strictObject({ text, version }),
      handle: ({ body, holder }) =>
        translated(async () => shown(mapDesk, await mapDesk.save(body.text, body.version, holder.name))),
    }),
    endpoint({
      ...{ ...about, method: 'get', path: '/map/history', scope: 'admin:read' },
      ...{ summary: 'List the maps that were in force', answer: z.object({ editions: z.array(edition) }) },
      async handle() {
        const editions = await store.maps.list();
        return {
          editions: editions.map(({ text: now, ...rest }, index) => ({
            ...rest,
            ...difference(editions[index + 1]?.text, now),
          })),
        };
      },
    }),
    endpoint({
      ...{ ...about, method: 'get', path: '/map/history/{id}', scope: 'admin:read' },
      ...{ summary: 'Show one of them', params: z.object({ id: z.coerce.number().int() }) },
      answer: z.object({ id: z.number(), at: moment, who: z.string(), text }),
      async handle({ params }) {
        const found = await store.maps.get(params.id);
        if (found === undefined) throw new ApiProblem(404, `There is no map ${params.id} in the history`);
        return found;
      },
    }),
  ];
}

async function shown(desk: MapDesk, now: { readonly text: string; readonly version: string }) {
  return { ...now, fixedBy: (await desk.fixedBy()) ?? null, ...listed(await desk.check(now.text)) };
}

function listed({ problems, warnings, notes }: MapCheck): z.input<typeof checkAnswer> {
  return { problems: [...problems], warnings: [...warnings], notes: [...notes] };
}

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof MapChanged) throw new ApiProblem(412, error.message, { cause: error });
    if (error instanceof Refused) throw new ApiProblem(409, error.message, { cause: error });
    if (error instanceof HomeserverError) {
      throw new ApiProblem(409, `The homeserver: ${error.message}`, { cause: error });
    }
    if (!(error instanceof GroupMapError)) throw error;
    const mistakes = error.problems.map(({ line, column, message }) => ({
      at: `body.text:${line}:${column}`,
      message,
    }));
    throw new ApiProblem(422, 'This is no valid group map; nothing was done.', { mistakes, cause: error });
  }
}

/** How many lines there are that the other has not, each way; moved ones count for none. */
function difference(
  before: string | undefined,
  after: string,
): { readonly added: number; readonly removed: number } {
  const left = new Map<string, number>();
  for (const line of before?.split('\n') ?? []) left.set(line, (left.get(line) ?? 0) + 1);
  let added = 0;
  for (const line of after.split('\n')) {
    const count = left.get(line) ?? 0;
    if (count === 0) added += 1;
    else left.set(line, count - 1);
  }
  return { added, removed: [...left.values()].reduce((sum, count) => sum + count, 0) };
}
