import { z } from 'zod';

/** Given in milliseconds since 1970, shown as RFC 3339 in UTC: `2026-11-22T10:15:00.000Z`. */
export const moment = z
  .number()
  .transform((at) => new Date(at).toISOString())
  .pipe(z.iso.datetime());

/** The same, given as it is shown. */
export const momentText = z.iso.datetime();

/** What a request for a page of a list has in its query. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many, at most'),
  cursor: z.string().max(8000).optional().describe('The `next` of the page before'),
});

/** Something that a person can do. */
export const step = z.object({
  kind: z.enum([
    'approve',
    'check',
    'conflicts',
    'failing',
    'held',
    'link',
    'plan',
    'reject',
    'tokens',
    'unlink',
  ]),
  command: z.string().describe('That does it in a shell'),
});

export const searchText = z.string().max(256).optional();

/** A page of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item).readonly(),
    next: z
      .string()
      .nullable()
      .describe(
        'The cursor of the next page; null with the last. A page may have few items, even none, before it',
      ),
  });
}

/** The same with what the store gives. */
export function shownPage<T>({
  items,
  next,
}: {
  readonly items: readonly T[];
  readonly next: string | undefined;
}) {
  return { items, next: next ?? null };
}

/** What `cursor` and `limit` mean to the store. */
export function pageIn({ cursor, limit }: z.output<typeof pageQuery>) {
  return { cursor, limit };
}
