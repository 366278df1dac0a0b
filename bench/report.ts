export type Cell = string | number;

/** Prints the head of a table; what it returns prints a row. Numbers are set to the right. */
export function table(
  say: (line: string) => void,
  title: string,
  columns: readonly (readonly [title: string, width: number])[],
): (cells: readonly Cell[]) => void {
  const print = (cells: readonly Cell[]): void => {
    const shown = columns.map(([, width], index) => pad(cells[index] ?? '', width, index));
    say(shown.join('  ').trimEnd());
  };
  say(`\n${title}`);
  print(columns.map(([name]) => name));
  return print;
}

function pad(cell: Cell, width: number, index: number): string {
  const text = typeof cell === 'number' ? cell.toFixed(cell < 100 ? 2 : 0) : cell;
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}
