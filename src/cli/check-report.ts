import type { Finding } from '../desk/finding.ts';

const MARKS = { ok: 'ok  ', warning: 'warn', failure: 'FAIL' } as const;

/** What has to be done before the rest can be looked at. */
export const MEND = 'mend what is above, and run this again.';

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

/** Lines to copy, below the sentence of a remedy. */
export function pasted(lines: string): string {
  const body = lines.trim().split('\n');
  return body.map((line) => (line === '' ? '\n' : `\n        ${line}`)).join('');
}
