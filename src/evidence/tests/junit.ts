// JUnit XML in the dialects of Surefire, pytest, Vitest, Jest, Playwright, mocha, Node, gotestsum, GoogleTest and others. Pure;
// src/evidence/ only. Formats: https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd,
// https://github.com/testmoapp/junitxml (the dialects side by side), https://docs.pytest.org/en/stable/how-to/output.html
//
// 1. What a suite says of itself is held against its cases (junit-suite.ts); one without any counts by its own figures.
// 2. A case has one status, the worst it shows: errored or failed by its first such tag, then by its words (junit-status.ts), then
//    skipped, then passed. A failure that stands in no case is one all the same.
// 3. A test that is listed once for each try counts by its last, where that is known (junit-tries.ts).

import { TEXT_LIMITS } from '../../text/storable-text.ts';
import type { CaseStatus, Measurement } from '../reading/measurement.ts';
import { holdsBefore } from '../reading/report-names.ts';
import { type ReportFormat, type ReportSource, Unreadable } from '../reading/report-reader.ts';
import { addDuration, durationOf, nameText, repositoryPath, wholeNumberIn } from '../reading/report-values.ts';
import { type Attributes, readXml, rootTagOf } from '../reading/report-xml.ts';
import { statusOf } from './junit-status.ts';
import { createSuiteCounts, noTotals, type SuiteCounts, type SuiteTotals } from './junit-suite.ts';
import { createTries, type Room, roomForTries, type SuiteAround, toolListsOnce } from './junit-tries.ts';
import { createTests, type TestsCollector } from './tests-report.ts';

interface Suite {
  readonly name: string | null;
  /** What it says in `file`. */
  readonly file_path: string | null;
  /** Of a suite that is named like a file. */
  readonly named_path: string | null;
  /** It, or one around it, is of a tool that never lists the tries of a test. */
  readonly listsOnce: boolean;
  readonly own: SuiteAround;
  readonly counts: SuiteCounts;
}

interface Around {
  readonly around: Suite | undefined;
  readonly tests: TestsCollector;
  readonly room: Room;
}

interface Case {
  /** Which ends with it. */
  readonly tag: string;
  readonly attributes: Attributes;
  status: CaseStatus | null;
  flaky: boolean;
  /** A tag of it tells of tries. */
  marksTries: boolean;
  message: string;
  /** The tag whose text is being read as the message. */
  reading: string | null;
}

const BROKEN: Readonly<Record<string, CaseStatus>> = { failure: 'failed', error: 'errored' };
const SKIPPED: ReadonlySet<string> = new Set(['skipped', 'disabled', 'ignored']);
/** Surefire's: a try that failed before the one that passed. */
const FLAKY: ReadonlySet<string> = new Set(['flakyFailure', 'flakyError']);
/** And one that failed after the one that failed first. */
const RERUN: ReadonlySet<string> = new Set(['rerunFailure', 'rerunError']);
/** A date and a time with its zone. */
const LONGEST_TIME = 40;
function openJunit(): ReportSource {
  const tests = createTests('junit');
  const room = roomForTries();
  const suites: Suite[] = [];
  let total = noTotals();
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
      else if (name === 'testsuites' || name === 'testsuite') {
        suites.push(suiteOf(name, attributes, { around: suites.at(-1), tests, room }));
      } else if (name === 'testcase' || Object.hasOwn(BROKEN, name)) current = openCase(name, attributes);
      else if (name === 'property') readProperty(attributes, suites.at(-1));
    },
    text(text) {
      if (current !== null && current.reading !== null && current.message.length < TEXT_LIMITS.description) {
        current.message += text.slice(0, TEXT_LIMITS.description);
      }
    },
    close(name) {
      if (current !== null && name === current.tag) {
        duration = addDuration(duration, addCase(current, suites.at(-1), tests));
        current = null;
      } else if (current !== null && name === current.reading) current.reading = null;
      else if (current === null && (name === 'testsuites' || name === 'testsuite')) {
        const closed = suites.pop()?.counts.close() ?? noTotals();
        const around = suites.at(-1);
        if (around === undefined) total = closed;
        else around.counts.hold(closed);
      }
    },
    end: () => measure(tests, total, duration),
  });
}

/** A failure of a suite, as of its set-up, is a case by itself. */
function openCase(tag: string, attributes: Attributes): Case {
  const isCase = tag === 'testcase';
  const own = isCase ? attributes : { name: 'outside of a test' };
  const opened: Case = {
    tag,
    attributes: own,
    status: null,
    flaky: false,
    marksTries: false,
    message: '',
    reading: null,
  };
  if (!isCase) readTag(opened, tag, attributes);
  return opened;
}

function suiteOf(tag: string, attributes: Attributes, { around, tests, room }: Around): Suite {
  const { name, file, filepath } = attributes;
  const written = file || filepath;
  const file_path = written ? repositoryPath(written) : null;
  const named_path = pathLikeName(name);
  const listsOnce = around?.listsOnce === true || toolListsOnce(attributes, named_path ?? file_path);
  const own: SuiteAround = { attributes, isOfGo: false };
  return {
    // Worked out here, and not for every case of the suite.
    name: name === undefined ? null : nameText(name),
    file_path,
    named_path,
    listsOnce,
    own,
    counts: createSuiteCounts(attributes, createTries(tag === 'testsuite' && !listsOnce ? own : null, room), tests),
  };
}

/** gotestsum's own. */
function readProperty({ name }: Attributes, suite: Suite | undefined): void {
  if (name === 'go.version' && suite !== undefined) suite.own.isOfGo = true;
}

function readTag(current: Case, name: string, { message }: Attributes): void {
  if (FLAKY.has(name)) current.flaky = true;
  if (FLAKY.has(name) || RERUN.has(name)) current.marksTries = true;
  if (SKIPPED.has(name)) current.status ??= 'skipped';
  const broken = Object.hasOwn(BROKEN, name) ? BROKEN[name] : undefined;
  if (broken === undefined || current.status === 'failed' || current.status === 'errored') return;
  current.status = broken;
  current.message = message ? `${message}\n` : '';
  current.reading = name;
}

function addCase(
  { attributes, status, flaky, marksTries, message }: Case,
  suite: Suite | undefined,
  tests: TestsCollector,
): number | null {
  const { name = '', classname, time, file, line, timestamp } = attributes;
  const duration_ms = durationOf(time);
  const { status: known, unknown } = statusOf(status, attributes);
  tests.named(classname ?? '', name);
  const isBroken = known === 'failed' || known === 'errored';
  suite?.counts.add({
    key: [classname, name, file, line].join('\0'),
    at: timestamp === undefined ? Number.NaN : Date.parse(timestamp.slice(0, LONGEST_TIME)),
    marksTries,
    isBareRun: attributes.status === 'run' && attributes.result === undefined,
    status: known,
    flaky,
    duration_ms,
    name,
    suite: classname || suite.name || null,
    file_path: filePathOf(attributes, suite),
    // Of others nothing is kept.
    message: isBroken ? (unknown ?? withoutRepetition(message)) : null,
    ...(line === undefined ? {} : { line: wholeNumberIn(line, 0, line.length) }),
  });
  return duration_ms;
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

function measure(tests: TestsCollector, total: SuiteTotals, duration: number | null): Measurement {
  const { shown, counted, unseenTests, unseenBroken, unseen } = total;
  tests.countUnlisted(counted);
  if (unseenBroken > 0) tests.remark(`the report counts ${unseenBroken} more failures and errors than its cases show`);
  if (unseenTests > 0) {
    const found = shown + counted.tests;
    tests.remark(`the report says ${found + unseenTests} tests, ${found} are listed`);
  }
  tests.unseen(unseen);
  return tests.measurement(duration);
}

export const junit: ReportFormat = {
  name: 'junit',
  looksLike: ({ text }) => /^<(?:[\w.-]+:)?testsuites?[\s>/]/.test(rootTagOf(text)),
  isNamed: ({ name }) =>
    (name.startsWith('test-') && holdsBefore(name, 'test-', '.xml')) ||
    ['junit', 'testresult', 'test-result'].some((part) => holdsBefore(name, part, '.xml')),
  open: openJunit,
};
