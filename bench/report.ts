export type Report = ReturnType<typeof createReport>;

/** Prints tables as they are measured, and counts the limits that were missed. */
export function createReport() {
  let missed = 0;
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  return {
    say,
    missed: () => missed,
    /** Prints the head; what it returns prints a row. The first column is the name, the last one the verdict. */
    table(title: string, columns: readonly (readonly [title: string, width: number])[]) {
      const print = (cells: readonly string[]): void => {
        const padded = columns.map(([, width], index) => pad(cells[index] ?? '', width, index));
        say(padded.join('  ').trimEnd());
      };
      say(`\n${title}`);
      print(columns.map(([name]) => name));
      return (cells: readonly (string | number)[], isKept: boolean): void => {
        if (!isKept) missed += 1;
        const shown = cells.map((cell) => (typeof cell === 'string' ? cell : rounded(cell)));
        const verdict = columns.length - 1;
        print([...shown, ...Array(verdict - shown.length).fill(''), isKept ? 'ok' : 'MISSED']);
      };
    },
  };
}

function pad(text: string, width: number, index: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}

function rounded(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}
