import { structuredPatch } from 'diff';

type Props = {
  readonly before: string;
  readonly after: string;
};

const KINDS = { '+': 'ins', '-': 'del', ' ': 'span' } as const;

/** What changes from one text to another, line by line with three lines around each change. */
export function Difference({ before, after }: Props) {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 3 });
  if (hunks.length === 0) return <p>They are the same.</p>;
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
