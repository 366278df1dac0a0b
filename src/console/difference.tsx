import { structuredPatch } from 'diff';
import { useMemo } from 'preact/hooks';

type Props = {
  readonly before: string;
  readonly after: string;
};

const KINDS = { '+': 'ins', '-': 'del', ' ': 'span' } as const;

/** Milliseconds. The page stands still as long, and texts of thousands of lines that have little in common take seconds. */
const PATIENCE = 500;

/** What changes from one text to another, line by line with three lines around each change. How lines end is not looked at. */
export function Difference({ before, after }: Props) {
  const hunks = useMemo(() => hunksOf(before, after), [before, after]);
  if (hunks === undefined) return <p>They differ too much to show it here.</p>;
  if (hunks.length === 0) {
    return <p>{before === after ? 'They are the same.' : 'They differ only in how their lines end.'}</p>;
  }
  return (
    <pre class="difference">
      {hunks.map(({ newStart, lines }) => (
        <code key={newStart}>
          {lines.map((line, index) => {
            const Kind = KINDS[line[0] as keyof typeof KINDS];
            // What is left is the remark that the last line has no end.
            return Kind && <Kind key={index}>{`${line}\n`}</Kind>;
          })}
        </code>
      ))}
    </pre>
  );
}

function hunksOf(before: string, after: string) {
  const options = { context: 3, stripTrailingCr: true, timeout: PATIENCE };
  return structuredPatch('', '', before, after, '', '', options)?.hunks;
}
