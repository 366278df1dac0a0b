import type { JournalEntry } from './answers.ts';
import { Badge } from './badge.tsx';
import { to } from './places.ts';
import { Text } from './room-names.tsx';
import { type Column, Table } from './table.tsx';
import { exactly } from './when.tsx';

const KINDS = { done: 'good', failed: 'bad', found: 'warn' } as const;

/** Rows of the journal. */
export function Entries({ entries }: { readonly entries: readonly JournalEntry[] }) {
  return <Table caption="Journal" columns={COLUMNS} rows={entries} keyOf={keyOf} />;
}

export function keyOf({ seq, at, action, detail }: JournalEntry): string {
  return seq === undefined ? `${at} ${action} ${detail}` : String(seq);
}

export const COLUMNS: readonly Column<JournalEntry>[] = [
  { head: 'When (UTC)', cell: ({ at }) => <time dateTime={at}>{exactly(at).replace(' UTC', '')}</time> },
  { head: 'Outcome', cell: ({ outcome }) => <Badge kind={KINDS[outcome]}>{outcome}</Badge> },
  {
    head: 'What',
    cell: (entry) => (
      <>
        <Text of={entry}>{entry.detail}</Text>
        {entry.cause !== undefined && (
          <small class="under">
            because of <Text of={entry}>{entry.cause}</Text>
          </small>
        )}
      </>
    ),
  },
  {
    head: 'Person',
    cell: ({ userId, account }) => {
      if (userId === undefined) return account ?? '–';
      return <a href={to('/people', userId)}>{account ?? 'the person'}</a>;
    },
  },
];
