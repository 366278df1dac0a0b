import { z } from 'zod';

/** Given in milliseconds since 1970, shown as RFC 3339 in UTC: `2026-11-22T10:15:00.000Z`. */
export const moment = z
  .number()
  .transform((at) => new Date(at).toISOString())
  .pipe(z.iso.datetime());
