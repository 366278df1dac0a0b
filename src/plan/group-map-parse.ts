import type { Node } from 'jsonc-parser';
import { foldName, type GroupMap, GroupMapError, type GroupSelector, type Rule } from './group-map.ts';
import { isAdminEntry, readAdmin } from './group-map-admin.ts';
import { reportDisagreement } from './group-map-agreement.ts';
import { type PlacedTarget, readTarget } from './group-map-target.ts';
import { type Field, fieldsOf, type MapText, readMapText } from './group-map-text.ts';

const NAME_PREFIX = /^name:/i;

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
  const all: PlacedTarget[] = [];
  const rules = fieldsOf(text, tree, sameGroup).flatMap((field) => {
    if (field.key === '$schema') return [];
    const entries = entriesOf(field.value);
    const placed = readTargets(text, entries);
    reportTwice(text, placed);
    for (const each of placed) all.push(each);
    const group = readSelector(text, field);
    const admin = readAdmin(text, entries.filter(isAdminEntry), group);
    return group ? [{ group, targets: placed.map(({ target }) => target), admin }] : [];
  });
  reportDisagreement(text, all);
  return rules;
}

/** Keys that select the same group become equal: `name:Ops` and `name:ops`. Ids of the provider are exact. */
export function sameGroup(key: string): string {
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

/** What a key gives: rooms, and the right of a server admin. */
export function entriesOf(value: Node): readonly Node[] {
  return value.type === 'array' ? (value.children ?? []) : [value];
}

function readTargets(text: MapText, entries: readonly Node[]): readonly PlacedTarget[] {
  return entries.flatMap((node) => {
    const placed = isAdminEntry(node) ? undefined : readTarget(text, node);
    return placed ? [placed] : [];
  });
}

function reportTwice(text: MapText, placed: readonly PlacedTarget[]): void {
  const firsts = new Map<string, Node>();
  for (const { target, node } of placed) {
    const first = firsts.get(target.room);
    if (first === undefined) firsts.set(target.room, node);
    else text.report(node, `this group has ${target.room} already, in line ${text.placeOf(first).line}`);
  }
}
