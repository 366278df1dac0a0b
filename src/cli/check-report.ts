import type { GroupMapLocation } from '../config/config.ts';
import type { GroupMapWarning } from '../plan/group-map-warnings.ts';
import { mapName } from './terminal.ts';

/** What one check found. Everything but `ok` says what it means and what to do. */
export type Finding =
  | { readonly level: 'ok'; readonly subject: string; readonly found: string }
  | {
      readonly level: 'warning' | 'failure';
      readonly subject: string;
      readonly found: string;
      readonly meaning: string;
      readonly remedy: string;
    };

export const ok = (subject: string, found: string): Finding => ({ level: 'ok', subject, found });

type Trouble = { readonly found: string; readonly meaning: string; readonly remedy: string };

export const warning = (subject: string, trouble: Trouble): Finding => ({
  level: 'warning',
  subject,
  ...trouble,
});

export const failure = (subject: string, trouble: Trouble): Finding => ({
  level: 'failure',
  subject,
  ...trouble,
});

/** What is seldom meant in the map, at its place. */
export function fromMap(map: GroupMapLocation, found: GroupMapWarning): Finding {
  return warning('group map', {
    found: `${mapName(map)}:${found.line}:${found.column}: ${found.found}`,
    meaning: `${found.meaning}.`,
    remedy: `${found.remedy}.`,
  });
}

const MARKS = { ok: 'ok  ', warning: 'warn', failure: 'FAIL' } as const;

export function renderFinding(finding: Finding): string {
  const first = `${MARKS[finding.level]}  ${finding.subject}: ${finding.found}`;
  if (finding.level === 'ok') return first;
  return `${first}\n      it means: ${finding.meaning}\n      to do:    ${finding.remedy}`;
}

export function renderSummary(findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number => findings.filter((each) => each.level === level).length;
  const failures = count('failure');
  const verdict = failures === 0 ? 'Usher can do its work.' : 'Usher can not do its work yet.';
  return `${verdict} ${count('ok')} ok, ${count('warning')} warnings, ${failures} failures.`;
}
