// JUnit XML in the dialects of Surefire, pytest, Vitest, Jest, Playwright, mocha, Node, gotestsum, GoogleTest and others. Pure;
// src/evidence/ only. Formats: https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd,
// https://github.com/testmoapp/junitxml (the dialects side by side), https://docs.pytest.org/en/stable/how-to/output.html
//
// 1. Only `<testcase>`s count; what a suite says of itself is compared. Failures that a suite claims and no case shows count as errored.
// 2. A suite claims the larger of its own figure and the sum of the suites in it, so that nesting neither doubles nor loses one.
// 3. A case has one status, the worst it shows: errored or failed by its first such tag, then skipped, then passed.

import { TEXT_LIMITS } from '../normalise/text.ts';
import type { CaseStatus, Measurement } from './measurement.ts';
import { holdsBefore } from './report-names.ts';
import { type ReportFormat, type ReportSource, Unreadable } from './report-reader.ts';
import { addDuration, countOf, durationOf, nameText, repositoryPath } from './report-values.ts';
import { type Attributes, readXml, rootTagOf } from './report-xml.ts';
import { createTests, type TestsCollector } from './tests-report.ts';

interface Claim {
  readonly tests: number;
  readonly broken: number;
}

interface Suite {
  readonly name: string | null;
  /** What it says in `file`. */
  readonly file_path: string | null;
  /** Of a suite that is named like a file. */
  readonly named_path: string | null;
  readonly own: Claim;
  readonly inner: { tests: number; broken: number };
}

interface Case {
  readonly attributes: Attributes;
  status: CaseStatus | null;
  flaky: boolean;
  message: string;
  /** The tag whose text is being read as the message. */
  reading: string | null;
}

const BROKEN: Readonly<Record<string, CaseStatus>> = { failure: 'failed', error: 'errored' };
const SKIPPED: ReadonlySet<string> = new Set(['skipped', 'disabled', 'ignored']);
/** Surefire's: a try that failed before the one that passed. */
const FLAKY: ReadonlySet<string> = new Set(['flakyFailure', 'flakyError']);
/** `status` and `result` of dialects that have no tag for it (GoogleTest, Bazel). */
const STATUS_WORDS: Readonly<Record<string, CaseStatus>> = {
  failed: 'failed',
  failure: 'failed',
  fail: 'failed',
  error: 'errored',
  errored: 'errored',
  skipped: 'skipped',
  suppressed: 'skipped',
  disabled: 'skipped',
  ignored: 'skipped',
  notrun: 'skipped',
};

function openJunit(): ReportSource {
  const tests = createTests('junit');
  const suites: Suite[] = [];
  const claims = { tests: 0, broken: 0 };
  let duration: number | null = null;
  let current: Case | null = null;
  let atRoot = true;
  return readXml({
    open(name, attributes) {
      if (atRoot && name !== 'testsuites' && name !== 'testsuite') {
        throw new Unreadable(`the outermost tag is <${name}>; <testsuites> and <testsuite> are allowed`);
      }
      atRoot = false;
      if (current !== null) readTag(current, name, attributes);
      else if (name === 'testsuites' || name === 'testsuite') suites.push(suiteOf(attributes));
      else if (name === 'testcase') current = { attributes, status: null, flaky: false, message: '', reading: null };
    },
    text(text) {
      if (current !== null && current.reading !== null && current.message.length < TEXT_LIMITS.description) {
        current.message += text.slice(0, TEXT_LIMITS.description);
      }
    },
    close(name) {
      if (current !== null && name === 'testcase') {
        duration = addDuration(duration, addCase(tests, current, suites));
        current = null;
      } else if (current !== null && name === current.reading) current.reading = null;
      else if (current === null && (name === 'testsuites' || name === 'testsuite')) closeSuite(suites, claims);
    },
    end: () => measure(tests, claims, duration),
  });
}

function suiteOf({ name, file, filepath, tests, failures, errors }: Attributes): Suite {
  const claim = (value: string | undefined, what: string) =>
    value === undefined || value === '' ? 0 : countOf(value, what);
  return {
    // Worked out here, and not for every case of the suite.
    name: name === undefined ? null : nameText(name),
    file_path: file || filepath ? repositoryPath(file || filepath || '') : null,
    named_path: pathLikeName(name),
    own: { tests: claim(tests, 'tests'), broken: claim(failures, 'failures') + claim(errors, 'errors') },
    inner: { tests: 0, broken: 0 },
  };
}

function closeSuite(suites: Suite[], outermost: { tests: number; broken: number }): void {
  const suite = suites.pop();
  if (suite === undefined) return;
  const around = suites.at(-1)?.inner ?? outermost;
  around.tests += Math.max(suite.own.tests, suite.inner.tests);
  around.broken += Math.max(suite.own.broken, suite.inner.broken);
}

function readTag(current: Case, name: string, { message }: Attributes): void {
  if (FLAKY.has(name)) current.flaky = true;
  else if (SKIPPED.has(name)) current.status ??= 'skipped';
  const broken = Object.hasOwn(BROKEN, name) ? BROKEN[name] : undefined;
  if (broken === undefined || current.status === 'failed' || current.status === 'errored') return;
  current.status = broken;
  current.message = message ? `${message}\n` : '';
  current.reading = name;
}

function addCase(
  tests: TestsCollector,
  { attributes, status, flaky, message }: Case,
  suites: readonly Suite[],
): number | null {
  const { name = '', classname, time } = attributes;
  const duration = durationOf(time);
  const known = status ?? statusOfWords(attributes);
  tests.named(classname ?? '', name);
  if (known === 'passed' || known === 'skipped') {
    tests.count(known, flaky);
    return duration;
  }
  const suite = suites.at(-1);
  tests.add({
    suite: classname || suite?.name || null,
    name,
    file_path: filePathOf(attributes, suite),
    status: known,
    duration_ms: duration,
    message: withoutRepetition(message),
  });
  return duration;
}

function statusOfWords({ status, result }: Attributes): CaseStatus {
  return statusOfWord(status) ?? statusOfWord(result) ?? 'passed';
}

function statusOfWord(word: string | undefined): CaseStatus | undefined {
  const key = word?.toLowerCase();
  return key !== undefined && Object.hasOwn(STATUS_WORDS, key) ? STATUS_WORDS[key] : undefined;
}

/** What a tool says in `file`, else a class or suite that is named like a file, as in Vitest and Playwright. */
function filePathOf({ file, filepath, classname }: Attributes, suite: Suite | undefined): string | null {
  const named = file || filepath;
  if (named) return repositoryPath(named);
  return suite?.file_path ?? pathLikeName(classname) ?? suite?.named_path ?? null;
}

function pathLikeName(name: string | undefined): string | null {
  const isLike =
    name !== undefined && name.length <= TEXT_LIMITS.path && /^[^\s:<>]*[^\s:<>.]\.[cm]?[jt]sx?$/.test(name);
  return isLike ? repositoryPath(name) : null;
}

/** Most tools write the message in the attribute and again as the first line of the text. */
function withoutRepetition(message: string): string {
  const firstEnd = message.indexOf('\n');
  const [first, rest] = [message.slice(0, firstEnd), message.slice(firstEnd + 1).trimStart()];
  return firstEnd > 0 && rest.startsWith(first) ? rest : message;
}

function measure(tests: TestsCollector, claims: Claim, duration: number | null): Measurement {
  const broken = tests.countOf('failed') + tests.countOf('errored');
  const found = broken + tests.countOf('passed') + tests.countOf('skipped');
  if (claims.broken > broken) tests.unshown(claims.broken - broken, 'failures and errors');
  if (claims.tests > found) tests.remark(`the report says ${claims.tests} tests, ${found} are listed`);
  return tests.measurement(duration);
}

export const junit: ReportFormat = {
  name: 'junit',
  looksLike: ({ text }) => /^<testsuites?[\s>/]/.test(rootTagOf(text)),
  isNamed: ({ name }) =>
    (name.startsWith('test-') && holdsBefore(name, 'test-', '.xml')) ||
    ['junit', 'testresult', 'test-result'].some((part) => holdsBefore(name, part, '.xml')),
  open: openJunit,
};
