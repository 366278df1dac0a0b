import { termsIn } from './conditions.ts';
import { isAbout, type Operation } from './patch.ts';
import { valuesWanted } from './patch-members.ts';

/**
 * How much an operation of a PATCH compares with each value that is there: its own values, and the terms of the filter
 * on its path. Members are found by an index, unless an operation is about all of them.
 */
export function effortOf(operation: Operation): number {
  const terms = operation.path.reduce(
    (sum, { filter }) => sum + (filter === undefined ? 0 : termsIn(filter)),
    0,
  );
  if (isAbout(operation, 'members')) return namesMembers(operation) ? 0 : Math.max(1, terms);
  const values = 'value' in operation && Array.isArray(operation.value) ? operation.value.length : 0;
  return Math.max(1, values + terms);
}

function namesMembers({ kind, path }: Operation): boolean {
  const { filter } = path[0];
  return kind === 'add' || (filter !== undefined && valuesWanted(filter) !== undefined);
}
