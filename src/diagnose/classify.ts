// Turns what was found in a log, or the words of another system, into the failure that is stored. Pure.

import type { EvidenceReason, FailureVerdict, LogState, Severity } from '../model/failure.ts';
import { redact } from '../text/redact.ts';
import { cutExcerpt } from './excerpt.ts';
import { fingerprintFailure, fingerprintLine } from './fingerprint.ts';
import { findLocation, type Location, repositoryPath } from './location.ts';
import type { CleanLine } from './log/clean-log.ts';
import { withoutIssueMark } from './log/log-marks.ts';
import { type MatchRow, matchRows, shortened, shownLine, shownStep } from './match-rows.ts';
import type { LogMatch, Matcher } from './patterns/match.ts';

/** One failure as it is stored: the columns of `errors` that diagnosing fills, and the rows of `error_matches`. Without secrets. */
export interface DiagnosedFailure {
  /** A code of ours where there is no log to speak; null where a log spoke. */
  error_code:
    | 'NO_LOG'
    | 'LOG_EXPIRED'
    | 'LOG_UNREAD'
    | 'EMPTY_LOG'
    | 'NO_FAILED_JOB'
    | 'INVALID_WORKFLOW'
    | 'STARTUP_FAILURE'
    | null;
  message: string;
  severity: Severity;
  fingerprint: string;
  verdict: FailureVerdict;
  verdict_reason: string | null;
  excerpt: string | null;
  excerpt_first_line: number | null;
  excerpt_last_line: number | null;
  line_number: number | null;
  step_first_line: number | null;
  file_path: string | null;
  line: number | null;
  /** How the line on line_number was found, and which lines belong to it; null without a log. */
  evidence_why: EvidenceReason | null;
  evidence_first_line: number | null;
  evidence_last_line: number | null;
  /** What the log calls the step that it stands in. */
  step_name: string | null;
  matches: MatchRow[];
}

/** The fields that are used of an annotation: a note of GitHub or a tool on a line of a file. */
export interface PinnedNote {
  readonly path: string;
  readonly start_line: number;
  readonly annotation_level: string | null;
  readonly message: string;
}

const NOTHING_KNOWN: DiagnosedFailure = {
  error_code: null,
  message: '',
  severity: 'error',
  fingerprint: '',
  verdict: 'unknown',
  verdict_reason: null,
  excerpt: null,
  excerpt_first_line: null,
  excerpt_last_line: null,
  line_number: null,
  step_first_line: null,
  file_path: null,
  line: null,
  evidence_why: null,
  evidence_first_line: null,
  evidence_last_line: null,
  step_name: null,
  matches: [],
};

/** The failure of a job with a log. The annotations of the job help to find the place in the repository; `subject` is the job's name. */
export function classifyLog(logMatch: LogMatch, notes: readonly PinnedNote[], subject: string): DiagnosedFailure {
  const { anchor } = logMatch;
  if (anchor === null || anchor.lines.every(({ text }) => text.trim() === '')) {
    return { ...unexplained(subject, 'The log is empty.'), error_code: 'EMPTY_LOG' };
  }
  const excerpt = cutExcerpt(anchor);
  const speaking: CleanLine = { line: anchor.line, text: anchor.text };
  const known = matched(logMatch);
  const message = shortened(withoutIssueMark(shownLine(speaking, anchor)));
  const following = anchor.lines.filter(({ line }) => line > anchor.line).map(({ text }) => text);
  return {
    ...known,
    fingerprint: logMatch.primary === null ? fingerprintLine(speaking.text) : known.fingerprint,
    ...locate([speaking.text], notes, following),
    ...(message === '' ? mute(subject) : { message }),
    excerpt: excerpt.text,
    excerpt_first_line: excerpt.first_line,
    excerpt_last_line: excerpt.last_line,
    line_number: speaking.line,
    step_first_line: anchor.step?.line ?? null,
    evidence_why: anchor.kind,
    evidence_first_line: anchor.first_line,
    evidence_last_line: anchor.last_line,
    step_name: shownStep(anchor.step),
  };
}

/** The failure of a job without a log, from its annotations alone, which are only a part of the evidence. */
export function classifyWithoutLog(
  state: Extract<LogState, 'missing' | 'expired'>,
  { notes, matcher, subject }: { notes: readonly PinnedNote[]; matcher: Matcher; subject: string },
): DiagnosedFailure {
  const reason = state === 'expired' ? 'GitHub no longer has the log.' : 'GitHub has no log of this job.';
  const error_code = state === 'expired' ? 'LOG_EXPIRED' : 'NO_LOG';
  const failures = notes.filter(({ annotation_level }) => annotation_level === 'failure');
  if (failures.length > 0) {
    const said = classifyText(failures.map(({ message }) => message).join('\n'), { matcher, subject });
    return { ...said, ...locate([], notes, []), error_code, verdict_reason: reason };
  }
  return { ...unexplained(subject, reason), error_code };
}

/** The failure of a job whose log exists but could not be fetched in any of the tries. */
export function classifyUnreadLog(subject: string): DiagnosedFailure {
  return { ...unexplained(subject, 'The log could not be fetched from GitHub.'), error_code: 'LOG_UNREAD' };
}

/** The failure of a run when GitHub would not list its jobs. */
export function classifyUnreadRun(workflowName: string): DiagnosedFailure {
  const message = 'The run failed, and what it did could not be read from GitHub.';
  return { ...unexplained(workflowName, message), error_code: 'LOG_UNREAD' };
}

/** The failure of a run of which no job failed: there is no log that could say why. */
export function classifyRunWithoutFailedJob(workflowName: string): DiagnosedFailure {
  const message = 'The run failed, though none of its jobs did.';
  return { ...unexplained(workflowName, message), error_code: 'NO_FAILED_JOB' };
}

function unexplained(subject: string, message: string): DiagnosedFailure {
  return { ...NOTHING_KNOWN, message, verdict_reason: message, fingerprint: fingerprintLine(`${subject}: ${message}`) };
}

function mute(subject: string): Pick<DiagnosedFailure, 'message' | 'fingerprint'> {
  const message = shortened(redact(`${subject} failed and gives no reason.`));
  return { message, fingerprint: fingerprintLine(message) };
}

/** The failure that another system describes: the summary of a check, the description of a status or deployment. */
export function classifyText(
  text: string,
  { matcher, subject }: { matcher: Matcher; subject: string },
): DiagnosedFailure {
  const matching = matcher.start();
  matching.write(Buffer.from(text));
  const logMatch = matching.end();
  const firstLine = text.split('\n').find((line) => line.trim() !== '') ?? '';
  if (logMatch.anchor === null || firstLine === '') return { ...NOTHING_KNOWN, ...mute(subject) };
  const known = matched(logMatch);
  const message = shortened(redact(withoutIssueMark(logMatch.primary?.text ?? firstLine)));
  const excerpt = cutExcerpt(logMatch.anchor);
  return {
    ...known,
    ...locate([logMatch.anchor.text], [], []),
    message,
    // Without a pattern the subject tells two systems' "Build failed" apart.
    fingerprint: logMatch.primary === null ? fingerprintLine(`${subject}: ${message}`) : known.fingerprint,
    excerpt: excerpt.text === message ? null : excerpt.text,
  };
}

/** The failure of a run without a single job: GitHub could not read its workflow file. */
export function classifyWorkflowFile(
  path: string | null,
  { matcher, conclusion }: { matcher: Matcher; conclusion: string | null },
): DiagnosedFailure {
  const file = path ?? 'the workflow file';
  const said = classifyText(`Invalid workflow file: ${file}`, { matcher, subject: file });
  return {
    ...said,
    error_code: conclusion === 'startup_failure' ? 'STARTUP_FAILURE' : 'INVALID_WORKFLOW',
    excerpt: null,
    file_path: path,
    line: path === null ? null : 1,
  };
}

function matched(logMatch: LogMatch): DiagnosedFailure {
  return {
    ...NOTHING_KNOWN,
    severity: logMatch.primary?.pattern.severity ?? 'error',
    fingerprint: fingerprintFailure(logMatch),
    matches: matchRows(logMatch),
  };
}

/** Whether a line of a file may have this number, and the brain can store it. */
function isLine(number: number): boolean {
  return Number.isInteger(number) && number > 0 && number < 2 ** 31;
}

/** The line itself knows best where it broke, then GitHub's annotations, then the lines that follow. */
function locate(
  own: readonly string[],
  notes: readonly PinnedNote[],
  following: readonly string[],
): Location | { file_path: null; line: null } {
  // GitHub pins what belongs to no file to ".github".
  const isPin = ({ path, start_line, annotation_level }: PinnedNote) =>
    annotation_level === 'failure' && path !== '.github' && isLine(start_line);
  const [pinned] = notes.filter(isPin).flatMap(({ path, start_line }) => {
    const file_path = repositoryPath(shortened(path));
    return file_path === null ? [] : [{ file_path, line: start_line }];
  });
  return findLocation(own) ?? pinned ?? findLocation(following) ?? { file_path: null, line: null };
}
