// The tests of an artifact as `record_test_results` takes them: each once, as it ended. Pure.

import { redact } from '../../text/redact.ts';
import { storableText } from '../../text/storable-text.ts';
import type { Measurement, TestResult } from '../reading/measurement.ts';
import { resultsOf } from './tests-report.ts';

/** suite, name, file, status, milliseconds, the failure's first words, whether it passed only when tried again, line. */
type TestCaseRow = readonly [
  suite: string,
  name: string,
  file_path: string | null,
  status: TestResult['status'],
  duration_ms: number | null,
  message: string | null,
  is_flaky: boolean,
  line: number | null,
];

/** A row for `record_test_results`. */
export interface TestResultsRow {
  readonly github_artifact_id: number | null;
  readonly name: string;
  readonly ref: string | null;
  /** Tests that there was no room for. */
  readonly omitted: number;
  readonly cases: readonly TestCaseRow[];
}

const MOST_CASES = 50_000;
/** The most characters of a failure's message: enough to distinguish failures, the log has the whole. */
const MESSAGE_CHARACTERS = 500;
const MOST_MILLISECONDS = 2_147_483_647;
const WORST_FIRST = ['errored', 'failed', 'passed', 'skipped'] as const;

/**
 * The tests of an artifact; null when its reports list none.
 *
 * 1. Playwright and Cypress write JUnit or CTRF beside their own report, under other names for the same tests: then only those of
 *    their own count, else those of CTRF.
 * 2. A name that stands more than once is one test whose worst result counts, and it proves no flake.
 */
export function testsOf(
  { github_artifact_id, name, ref }: Pick<TestResultsRow, 'github_artifact_id' | 'name' | 'ref'>,
  reports: readonly Measurement[],
): TestResultsRow | null {
  const tests = reports.filter((one) => one.kind === 'tests');
  const counted = tests.filter(({ format }) => format !== 'junit' && format !== 'ctrf');
  const ctrf = tests.filter(({ format }) => format === 'ctrf');
  const own = counted.length > 0 ? counted : ctrf;
  const byTest = new Map<string, TestCaseRow>();
  let omitted = 0;
  for (const one of (own.length > 0 ? own : tests).flatMap(resultsOf)) {
    const key = JSON.stringify([one.suite, one.name, one.file_path]);
    const before = byTest.get(key);
    if (before !== undefined) byTest.set(key, worse(before, testCaseRow(one)));
    else if (byTest.size < MOST_CASES) byTest.set(key, testCaseRow(one));
    else omitted++;
  }
  if (byTest.size === 0) return null;
  return { github_artifact_id, name, ref, omitted, cases: withoutSecrets([...byTest.values()]) };
}

/** Looked through as one text, for a report may have tens of thousands of names. */
function withoutSecrets(cases: readonly TestCaseRow[]): TestCaseRow[] {
  const line = (text: string) => text.replace(/[\r\n]/g, ' ');
  const names = redact(cases.flatMap(([suite, name]) => [line(suite), line(name)]).join('\n')).split('\n');
  return cases.map(([, , ...rest], index) => [names[2 * index] ?? '', names[2 * index + 1] ?? '', ...rest]);
}

function testCaseRow({
  suite,
  name,
  file_path,
  status,
  duration_ms,
  message,
  is_flaky,
  line,
}: TestResult): TestCaseRow {
  const isBad = status === 'failed' || status === 'errored';
  const words = isBad && message !== null ? storableText(message, MESSAGE_CHARACTERS) : null;
  const ms = duration_ms === null ? null : Math.min(duration_ms, MOST_MILLISECONDS);
  return [
    suite ?? '',
    name,
    file_path,
    status,
    ms,
    words,
    is_flaky && status === 'passed',
    isBad ? (line ?? null) : null,
  ];
}

function worse(one: TestCaseRow, other: TestCaseRow): TestCaseRow {
  const rank = ([, , , status]: TestCaseRow) => WORST_FIRST.indexOf(status);
  const [suite, name, file_path, status, duration_ms, message, , line] = rank(other) < rank(one) ? other : one;
  return [suite, name, file_path, status, duration_ms, message, false, line];
}
