import { ScimError } from '../scim/error.ts';
import { networkOf } from './address.ts';
import type { Handler, HttpContext } from './context.ts';
import { createPlaces, type PlacesOptions } from './places.ts';
import type { Refusals } from './refusals.ts';

/** `large`: what takes memory or time by itself: bulk requests, long bodies, searches that no index answers. */
export type Size = 'small' | 'large';

/**
 * Waits until a request may be worked on, and notes that it is until it is answered, to the last byte. Whoever was let
 * in is in. Rejects with `ScimError` 503 if too much is in hand.
 */
export type Admit = (ctx: HttpContext, size: Size) => Promise<void>;

/** Many times what a full sync has in hand: providers send from 1 to 50 requests at once. */
export const PLACES: Readonly<Record<Size, PlacesOptions>> = {
  small: { places: 64, waiting: 1_000, patienceMs: 5_000 },
  large: { places: 4, waiting: 100, patienceMs: 20_000 },
};

/** Seconds. */
const RETRY_AFTER = 5;

type AdmissionDeps = {
  readonly refusals: Pick<Refusals, 'note'>;
  readonly places?: Readonly<Record<Size, PlacesOptions>>;
};

export function createAdmission({ refusals, places = PLACES }: AdmissionDeps): Admit {
  const rooms = { small: createPlaces(places.small), large: createPlaces(places.large) };
  return async (ctx, size) => {
    if (ctx.state.isAdmitted === true) return;
    const leave = await rooms[size].enter();
    if (leave === undefined) {
      refusals.note('busy', networkOf(ctx.state.address));
      throw busy(ctx);
    }
    ctx.state.isAdmitted = true;
    if (!ctx.res.closed) {
      ctx.res.once('close', leave);
      return;
    }
    // Nobody waits for the answer any more.
    leave();
    throw busy(ctx);
  };
}

/** One of the filters that an index answers, as providers send them before each write: docs/scim.md names all. */
const INDEXED =
  /^\s*(\S+:)?(id|userName|externalId|displayName|(emails|groups|members)(\.value)?)\s+eq\s+("[^"]*"|'[^']*'|[^\s"'()]+)\s*$/i;

/** The middleware of a listing: looking at everybody takes long, and many who do that keep all others waiting. */
export function admittedToList(admit: Admit): Handler {
  return async (ctx, next) => {
    const { filter, sortBy } = ctx.query;
    const isScan = sortBy !== undefined || (filter !== undefined && !INDEXED.test(String(filter)));
    await admit(ctx, isScan ? 'large' : 'small');
    return next();
  };
}

/** The middleware of a route. */
export function admitted(admit: Admit, size: Size): Handler {
  return async (ctx, next) => {
    await admit(ctx, size);
    return next();
  };
}

function busy(ctx: HttpContext): ScimError {
  ctx.state.isTold = true;
  ctx.set('Retry-After', String(RETRY_AFTER));
  return new ScimError(503, undefined, 'Too many requests are in hand, send it again later');
}
