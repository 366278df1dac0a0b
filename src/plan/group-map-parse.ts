import type { Node } from 'jsonc-parser';
import {
  foldName,
  type GroupMap,
  GroupMapError,
  type GroupSelector,
  type RoomTarget,
  type Rule,
} from './group-map.ts';
import { readTarget } from './group-map-target.ts';
import { type Field, fieldsOf, type MapText, readMapText } from './group-map-text.ts';

const NAME_PREFIX = /^name:/i;

type PlacedTarget = { readonly target: RoomTarget; readonly node: Node };

/** Reads a group map in JSONC. Throws `GroupMapError` with all problems at once. */
export function parseGroupMap(text: string): GroupMap {
  const mapText = readMapText(text);
  const rules = mapText.tree ? readRules(mapText, mapText.tree) : [];
  const problems = mapText.problems();
  if (problems.length > 0) throw new GroupMapError(problems);
  return { rules };
}

function readRules(text: MapText, tree: Node): readonly Rule[] {
  if (tree.type !== 'object') {
    text.report(tree, `a group map is an object { "group": rooms, … }, not ${text.quote(tree)}`);
    return [];
  }
  const modes = new Map<string, PlacedTarget>();
  return fieldsOf(text, tree, sameGroup).flatMap((field) => {
    if (field.key === '$schema') return [];
    const placed = readTargets(text, field.value);
    reportTwice(text, placed);
    reportModes(text, placed, modes);
    const group = readSelector(text, field);
    return group ? [{ group, targets: placed.map(({ target }) => target) }] : [];
  });
}

/** Keys that select the same group become equal: `name:Ops` and `name:ops`. Ids of the provider are exact. */
function sameGroup(key: string): string {
  return NAME_PREFIX.test(key) ? `name:${foldName(nameIn(key))}` : key;
}

function nameIn(key: string): string {
  return key.replace(NAME_PREFIX, '').trim();
}

function readSelector(text: MapText, { key, keyNode }: Field): GroupSelector | undefined {
  const problem = keyProblem(key);
  if (problem) {
    text.report(keyNode, problem);
    return undefined;
  }
  if (key === '*') return { kind: 'everybody' };
  return NAME_PREFIX.test(key) ? { kind: 'name', name: nameIn(key) } : { kind: 'external-id', id: key };
}

function keyProblem(key: string): string | undefined {
  if (key.trim() === '') {
    return 'this key is empty: write the external id of a group, "name:" and its display name, or "*"';
  }
  if (NAME_PREFIX.test(key)) {
    return nameIn(key) === '' ? 'the display name of the group is missing after "name:"' : undefined;
  }
  if (key.startsWith('$')) return `"${key}" is not a key: the only one with a dollar sign is "$schema"`;
  return key === key.trim() ? undefined : `"${key}" has blanks around it, which no group's id has`;
}

function readTargets(text: MapText, value: Node): readonly PlacedTarget[] {
  const nodes = value.type === 'array' ? (value.children ?? []) : [value];
  return nodes.flatMap((node) => {
    const target = readTarget(text, node);
    return target ? [{ target, node }] : [];
  });
}

function reportTwice(text: MapText, placed: readonly PlacedTarget[]): void {
  for (const [index, { target, node }] of placed.entries()) {
    const before = placed.slice(0, index).find((other) => other.target.room === target.room);
    if (before) {
      const line = text.lineOf(before.node);
      text.report(node, `this group has ${target.room} already, in line ${line}`);
    }
  }
}

/** One mode for each room, or whether somebody is removed would depend on which of her groups is looked at. */
function reportModes(text: MapText, placed: readonly PlacedTarget[], modes: Map<string, PlacedTarget>): void {
  for (const { target, node } of placed) {
    const first = modes.get(target.room) ?? { target, node };
    modes.set(target.room, first);
    if (first.target.mode !== target.mode) {
      const there = `"${first.target.mode}" in line ${text.lineOf(first.node)}`;
      text.report(node, `${target.room} has the mode "${target.mode}" here and ${there}: choose one`);
    }
  }
}
