import { parser } from '@prometheus-io/lezer-promql';

/** What a PromQL expression asks for. */
export type Selection = {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
};

export type Expression = {
  readonly selections: readonly Selection[];
  /** Labels that it groups by, of all its selections together. */
  readonly grouping: readonly string[];
  /** Where it can't be read: offsets. */
  readonly errors: readonly number[];
};

/** Reads an expression as Prometheus does. Variables of Grafana (`$job`, `[$__rate_interval]`) are taken for values. */
export function parsePromql(text: string): Expression {
  const source = text.replaceAll('[$__rate_interval]', '[5m]');
  const selections: { metric: string; matchers: Selection['matchers'][number][] }[] = [];
  const grouping: string[] = [];
  const errors: number[] = [];
  const textOf = ({ from, to }: { readonly from: number; readonly to: number }) => source.slice(from, to);
  parser.parse(source).iterate({
    enter(node) {
      if (node.type.isError) errors.push(node.from);
      if (node.name === 'VectorSelector') selections.push({ metric: '', matchers: [] });
      const selection = selections.at(-1);
      if (node.name === 'Identifier' && selection !== undefined) selection.metric = textOf(node);
      if (node.name === 'UnquotedLabelMatcher' && selection !== undefined) {
        const [, label = '', operator = '', value = ''] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(textOf(node)) ?? [];
        selection.matchers.push({ label, operator, value });
      }
      if (node.name === 'GroupingLabels') {
        grouping.push(
          ...textOf(node)
            .slice(1, -1)
            .split(',')
            .map((each) => each.trim()),
        );
      }
    },
  });
  return { selections, grouping, errors };
}
