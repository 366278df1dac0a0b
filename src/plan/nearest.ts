/** What somebody probably meant, and how many letters away it is. */
export type Nearest = { readonly name: string; readonly distance: number };

/** The known name closest to a misspelt one, ignoring case; the first of several; undefined if none is known. */
export function nearest(word: string, names: readonly string[]): Nearest | undefined {
  return names
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .reduce<Nearest | undefined>(
      (best, candidate) => (best && best.distance <= candidate.distance ? best : candidate),
      undefined,
    );
}

/** Whether so few letters differ that it is a slip of the keyboard: 1 in a word of up to 5 letters, else 2. */
export function isSlip(word: string, { distance }: Nearest): boolean {
  return distance <= (word.length <= 5 ? 1 : 2);
}

/** Levenshtein distance. One row of the matrix is kept; a cell is the cost of `a` so far against `b` up to it. */
function editDistance(a: string, b: string): number {
  const row = [...b].map((letter, index) => ({ letter, cost: index + 1 }));
  let rowStart = 0;
  for (const letter of a) {
    let diagonal = rowStart;
    rowStart += 1;
    let left = rowStart;
    for (const cell of row) {
      const above = cell.cost;
      cell.cost = Math.min(left + 1, above + 1, diagonal + (cell.letter === letter ? 0 : 1));
      diagonal = above;
      left = cell.cost;
    }
  }
  return row.at(-1)?.cost ?? rowStart;
}
