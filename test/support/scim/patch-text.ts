import { compact } from './choices.ts';
import { ENTERPRISE } from './client.ts';
import { pathOf, printed } from './filter-model.ts';
import type { BrokenOperation } from './fuzz-refusals.ts';
import type { ModelOperation, PatchTarget } from './patch-model.ts';

/** Something of a PATCH request: an operation for the model, or one that is to be refused whatever the resource is. */
export type FuzzOperation =
  | { readonly kind: 'sound'; readonly operation: ModelOperation; readonly spelling: PatchSpelling }
  | { readonly kind: 'broken'; readonly json: unknown; readonly refusal: BrokenOperation[0] };

export type PatchSpelling = {
  readonly op: 'lower' | 'Upper';
  /** Names in capitals. */
  readonly isLoud: boolean;
  /** The core schema's URN before the path. */
  readonly urn: string | undefined;
};

/** The operation as it is sent. */
export function sentAs(fuzz: FuzzOperation): unknown {
  if (fuzz.kind === 'broken') return fuzz.json;
  const { operation, spelling } = fuzz;
  const op =
    spelling.op === 'lower' ? operation.op : operation.op.replace(/^./, (letter) => letter.toUpperCase());
  const { target, value } = operation;
  return compact({
    op,
    path: target && printedTarget(target, spelling),
    value: spelling.isLoud ? loud(value) : value,
  });
}

function printedTarget({ steps, filter, part }: PatchTarget, { isLoud, urn }: PatchSpelling): string {
  const isExtension = steps[0] === ENTERPRISE;
  const name = pathOf({ steps, type: 'text' });
  const chosen =
    filter === undefined ? '' : `[${printed(filter, { isLoud, isNested: false, isEscaped: false })}]`;
  const prefix = urn === undefined || isExtension ? '' : `${urn}:`;
  const word = (text: string) => (isLoud ? text.toUpperCase() : text);
  return `${word(prefix + name)}${chosen}${part === undefined ? '' : word(`.${part}`)}`;
}

/** With all names in capitals. */
function loud(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loud);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name.toUpperCase(), loud(part)]));
}
