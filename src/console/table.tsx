import type { ComponentChildren } from 'preact';
import { Empty, Show } from './states.tsx';
import type { Paged } from './use-data.ts';

export type Column<T> = {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** The cell that names the row. */
  readonly isName?: boolean;
  readonly isNumber?: boolean;
  /** Buttons of the row. */
  readonly isActions?: boolean;
};

type TableProps<T> = {
  /** What it lists, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
};

/** On a phone each row becomes a card. */
export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  return (
    <table class="cards">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ head, isNumber, isActions }) => (
            <th key={head} scope="col" class={isNumber ? 'number' : undefined}>
              {isActions ? <span class="unseen">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <Cell key={column.head} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<T>({ column, row }: { readonly column: Column<T>; readonly row: T }) {
  const { head, cell, isName, isNumber, isActions } = column;
  if (isName) {
    return <th scope="row">{cell(row)}</th>;
  }
  const kind = isNumber ? 'number' : isActions ? 'row-actions' : undefined;
  return (
    <td data-head={isActions ? undefined : head} class={kind}>
      <div>{cell(row)}</div>
    </td>
  );
}

type PagedTableProps<T> = Omit<TableProps<T>, 'rows'> & {
  readonly paged: Paged<T>;
  /** What is loaded, such as "the people". */
  readonly what: string;
  /** Said when there is nothing. */
  readonly empty: ComponentChildren;
};

/** A list that comes page by page. */
export function PagedTable<T>({ paged, what, empty, ...table }: PagedTableProps<T>) {
  const { data, reload, more, isLoadingMore } = paged;
  return (
    <Show data={data} what={what} reload={reload}>
      {(rows) =>
        rows.length === 0 && more === undefined ? (
          <Empty>{empty}</Empty>
        ) : (
          <>
            <Table {...table} rows={rows} />
            {more !== undefined && (
              <button type="button" class="secondary" aria-busy={isLoadingMore} onClick={more}>
                Show more
              </button>
            )}
          </>
        )
      }
    </Show>
  );
}
