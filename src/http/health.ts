import type { Handler } from './context.ts';

export type ComponentReport = {
  /** `degraded`: it goes on, but worse, and somebody should look. */
  readonly status: 'ok' | 'degraded' | 'failed';
  readonly detail?: string;
};

/** Whether requests can be served, and how each part of us is. */
export type Readiness = {
  readonly ready: boolean;
  readonly components: Readonly<Record<string, ComponentReport>>;
};

/** The process lives: it answers. */
export const alive: Handler = (ctx) => {
  ctx.body = { status: 'ok' };
};

export function readiness(health: () => Promise<Readiness>): Handler {
  return async (ctx) => {
    const { ready, components } = await health();
    ctx.status = ready ? 200 : 503;
    ctx.body = { status: ready ? 'ok' : 'unavailable', components };
  };
}
