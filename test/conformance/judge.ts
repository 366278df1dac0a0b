import { expect } from 'vitest';
import { type Check, type Suite, VERSIONS } from './suites.ts';

/** A suite, or one of its commands. */
type Part = { readonly suite: Suite; readonly command?: string };

type SuiteBug = Part & {
  readonly name: string;
  readonly detail: string;
  /** The RFC, in its own words, on what the suite takes for a fault. */
  readonly sentence: string;
};

const RESOURCE_TYPES =
  'RFC 7644 §4: "An HTTP GET to this endpoint is used to discover the types of resources available on a SCIM service ' +
  'provider (e.g., Users and Groups)." The two that the suite misses are from draft-abbey-scim-agent-extension.';

const READ_ONLY =
  'RFC 7643 §7: readOnly is "The attribute SHALL NOT be modified", and RFC 7644 §3.12: mutability is "The attempted ' +
  'modification is not compatible with the target attribute\'s mutability". Every attribute of the Matrix extensions is ' +
  'readOnly. The suite looks at the attributes, but takes an extension as a whole for one that can be written.';

const READ_ONLY_EXTENSIONS = ['User', 'Group'].flatMap((type) =>
  ['add', 'remove', 'replace'].flatMap((op): SuiteBug[] => {
    const urn = `urn:matrix-usher:scim:schemas:extension:1.0:${type}`;
    const detail = `Failed to ${op} attribute '${urn}': ${urn} cannot be changed`;
    const check = `check_${op}_attribute`;
    return [
      { suite: 'scim2-tester', name: `${type}: ${check}`, detail: `ERROR: ${detail}`, sentence: READ_ONLY },
      { suite: 'scim2-cli', command: 'test', name: `ERROR ${check}`, detail, sentence: READ_ONLY },
    ];
  }),
);

/** What a suite finds fault with and should not. Whatever else it finds is a finding. */
const KNOWN_SUITE_BUGS: readonly SuiteBug[] = [
  ...READ_ONLY_EXTENSIONS,
  {
    suite: 'scim-sanity',
    command: 'probe',
    name: 'Agent CRUD Lifecycle',
    detail: 'skip: Agent not supported by server',
    sentence: RESOURCE_TYPES,
  },
  {
    suite: 'scim-sanity',
    command: 'probe',
    name: 'AgenticApplication CRUD Lifecycle',
    detail: 'skip: AgenticApplication not supported by server',
    sentence: RESOURCE_TYPES,
  },
  {
    suite: 'scim-sanity',
    command: 'probe',
    name: 'Agent Rapid Lifecycle',
    detail: 'skip: Agent not supported or not in scope',
    sentence: RESOURCE_TYPES,
  },
];

type Verdict = Part & {
  readonly mode: string;
  readonly checks: readonly Check[];
  /** Fewer must not have passed: a suite that looked at nothing found nothing. */
  readonly atLeast: number;
};

/** Prints the counts. Fails on any finding, and on a known bug of the suite that is none any more. */
export function judge({ suite, command = '', mode, checks, atLeast }: Verdict): void {
  const bugs = KNOWN_SUITE_BUGS.filter((bug) => bug.suite === suite && (bug.command ?? '') === command);
  const isOf = (bug: SuiteBug, { name, detail }: Check) => bug.name === name && bug.detail === detail;
  const passed = checks.filter((check) => check.passed);
  const failed = checks.filter((check) => !check.passed);
  const findings = failed.filter((check) => !bugs.some((bug) => isOf(bug, check)));
  const gone = bugs.filter((bug) => !failed.some((check) => isOf(bug, check)));
  const counts = [
    `${checks.length} checks`,
    `${passed.length} passed`,
    `${failed.length - findings.length} known bugs of the suite`,
    `${findings.length} findings`,
  ];
  const title = [suite, VERSIONS[suite], command].filter((part) => part !== '').join(' ');
  process.stdout.write(`${title} (${mode}): ${counts.join(', ')}\n`);
  expect(findings).toEqual([]);
  expect(gone).toEqual([]);
  expect(passed.length).toBeGreaterThanOrEqual(atLeast);
}
