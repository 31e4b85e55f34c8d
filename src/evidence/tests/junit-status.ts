// What the words for a JUnit case's state mean, in dialects that have no tag for it (GoogleTest, Bazel, CTest, NUnit's and Qt's
// converters, Katalon, behave). Pure; junit.ts uses it.
//
// Of a tag and the words the worst counts. A word that is not known is no word of success.

import type { CaseStatus } from '../reading/measurement.ts';
import { shown } from '../reading/report-values.ts';
import type { Attributes } from '../reading/report-xml.ts';

const MEANINGS: Readonly<Record<CaseStatus, readonly string[]>> = {
  passed: [
    ...['passed', 'pass', 'ok', 'success', 'successful', 'succeeded', 'run', 'ran', 'completed', 'complete', 'done'],
    // Qt's: failed as was expected, and passed though it may fail.
    ...['executed', 'finished', 'flaky', 'xfail', 'bpass'],
  ],
  skipped: [
    ...['skipped', 'skip', 'suppressed', 'disabled', 'ignored', 'ignore', 'notrun', 'notexecuted', 'pending', 'todo'],
    ...['inconclusive', 'untested', 'filtered', 'excluded', 'deselected', 'notapplicable', 'bskip', 'bfail'],
  ],
  failed: ['failed', 'failure', 'fail', 'failing', 'notok', 'xpass'],
  errored: ['error', 'errored'],
};
const BY_WORD = new Map(
  Object.entries(MEANINGS).flatMap(([status, words]) => words.map((word) => [word, status as CaseStatus])),
);
/** A word is shorter. */
const LONGEST_WORD = 40;
const WORSE: readonly CaseStatus[] = ['passed', 'skipped', 'failed', 'errored'];

export interface ReportedStatus {
  readonly status: CaseStatus;
  /** A word that nobody knows, as a message has it; null when there is none. */
  readonly unknown: string | null;
}

/** `tag`: what the tags within the case say, null when nothing. */
export function statusOf(tag: CaseStatus | null, { status, result }: Attributes): ReportedStatus {
  if (tag === 'failed' || tag === 'errored') return { status: tag, unknown: null };
  let worst: ReportedStatus = { status: tag ?? 'passed', unknown: null };
  for (const word of [status, result]) {
    const ofWord = statusOfWord(word);
    if (ofWord !== null && WORSE.indexOf(ofWord.status) > WORSE.indexOf(worst.status)) worst = ofWord;
  }
  return worst;
}

/** Null when there is no word. */
function statusOfWord(raw: string | undefined): ReportedStatus | null {
  const word = raw?.trim() ?? '';
  if (word === '') return null;
  const known = BY_WORD.get(word.slice(0, LONGEST_WORD).toLowerCase().replace(/[ _-]/g, ''));
  if (known !== undefined && word.length <= LONGEST_WORD) return { status: known, unknown: null };
  return {
    status: 'errored',
    unknown: `the state of the test is ${shown(word)}, which is not known as one that passed`,
  };
}
