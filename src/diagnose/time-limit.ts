// Tells a job that ran into its time limit from one that was merely cancelled: GitHub concludes both as cancelled. Pure.

import { classifyText, type DiagnosedFailure, type PinnedNote } from './classify.ts';
import type { Matcher } from './patterns/match.ts';

/** The runner's words, on the check run of the job that it stopped; the job's log does not always have them. */
const TIME_LIMIT = 'exceeded the maximum execution time';

/** The line of an annotation that says that the job ran into its time limit; null when none says it. */
export function timeLimitIn(notes: readonly Pick<PinnedNote, 'message'>[]): string | null {
  const lines = notes.flatMap(({ message }) => message.split('\n'));
  return lines.find((line) => line.includes(TIME_LIMIT)) ?? null;
}

/** The failure of such a job: the annotation says why, and the failure found in its log (null: none) says where it was. */
export function classifyTimeLimit(
  said: string,
  { inLog, matcher, subject }: { inLog: DiagnosedFailure; matcher: Matcher; subject: string },
): DiagnosedFailure {
  if (inLog.message.includes(TIME_LIMIT)) return inLog;
  const { message, severity, fingerprint, matches } = classifyText(said, { matcher, subject });
  return { ...inLog, message, severity, fingerprint, matches };
}
