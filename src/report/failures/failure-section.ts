// Renders one entry of failures: what failed where, root cause, fix, and the lines that prove it. Pure.

import type { PullRequestReport, ReportFailure } from '../../model/pull-request.ts';
import { counted, details, fence, linkIfAny, patternProse } from '../../text/markdown.ts';
import { byteLength, NAME_BYTES, nameLine } from '../../text/outside-text.ts';
import { shownExcerpt } from './excerpt.ts';
import { failingTests } from './failing-tests.ts';
import { failureSentence, logLine, NAMES_IN_SENTENCE, stepNames } from './failure-sentence.ts';
import type { FailureEntry } from './failures.ts';
import { furtherCauses } from './further-causes.ts';
import { type FailedName, failedNames, type JobLabel } from './job-names.ts';
import { verdictLine } from './not-yours.ts';
import { quoteOf } from './pattern-words.ts';
import { type OutsideRoom, openRoom, quotedLine } from './quoted-line.ts';

const OUTSIDE_BYTES = 4096;
const FOLDED_NAMES_BYTES = 1000;
const ADVICE_BYTES = 1000;

/** What an entry's text depends on besides the entry. */
export interface FailureContext {
  readonly report: PullRequestReport;
  readonly label: JobLabel;
  /** What parts two lines: one newline where GitHub keeps it (comments), a blank line elsewhere. */
  readonly lineBreak: '\n' | '\n\n';
  /** The entry shown just before, whose advice is not repeated; null for the first. */
  readonly previous: FailureEntry | null;
}

/** One entry as Markdown with at most 4 KB of text from outside; `brief` leaves out the excerpt. */
export function renderFailure(entry: FailureEntry, form: 'full' | 'brief', context: FailureContext): string {
  const names = failedNames(entry.failed, context.label, entry.failed.length > 1);
  const sentence = failureSentence(entry, names, context.report);
  const room = openRoom(OUTSIDE_BYTES - namesBytes(entry, names));
  const tests = failingTests(entry.failure, { form, room });
  const message = messageLine(entry, form, room);
  const causes = furtherCauses(entry.failure?.further_causes ?? [], {
    ...{ form, room, lineBreak: context.lineBreak },
    place: (line) =>
      logLine(entry.shown, { line_number: line, step_first_line: entry.failure?.step_first_line ?? null }),
  });
  const folded = foldedNames(names, Math.min(FOLDED_NAMES_BYTES, room.left()));
  const hasLines = quoteOf(entry.shown, entry.failure, false)?.has_lines ?? true;
  const proof = form === 'full' && hasLines ? excerpt(entry.failure, room.left() - byteLength(folded.join(''))) : [];
  const whose = verdictLine(entry, context.report);
  const paragraphs = [
    sentence,
    ...whose,
    ...message,
    ...advice(entry, context.previous),
    ...tests,
    ...folded,
    ...proof,
  ];
  return [paragraphs.join(context.lineBreak), ...causes].join('\n\n');
}

function messageLine({ failure, shown, failed }: FailureEntry, form: 'full' | 'brief', room: OutsideRoom): string[] {
  const quote = quoteOf(shown, failure, failed.length > 1);
  const hasStep = shown.kind === 'job' && shown.job.failed_step !== null;
  if (quote === null) return failure === null ? [] : quotedLine(failure, { form, room, hasStep });
  room.spend(byteLength(quote.markdown ?? ''));
  return quote.markdown === null ? [] : [quote.markdown];
}

function advice({ failure }: FailureEntry, previous: FailureEntry | null): string[] {
  const pattern = failure?.pattern;
  if (!pattern) return [];
  const stored = previous?.failure?.pattern;
  if (stored?.root_cause === pattern.root_cause && stored.recommended_fix === pattern.recommended_fix) {
    return ['**Root cause** and **Fix** as above'];
  }
  const fix = `**Fix** ${patternProse(pattern.recommended_fix, ADVICE_BYTES)}`;
  // What another step said explains nothing for sure.
  const cause = `**${failure.is_elsewhere ? 'Possible' : 'Root'} cause** ${patternProse(pattern.root_cause, ADVICE_BYTES)}`;
  return [cause, [fix, ...linkIfAny('docs', pattern.docs_url)].join(' · ')];
}

/** What the sentence holds of names from outside, at the most. */
function namesBytes(entry: FailureEntry, names: readonly FailedName[]): number {
  const labels = names.slice(0, NAMES_IN_SENTENCE).map(({ label }) => label);
  return [...labels, ...stepNames(entry.failed)].reduce((sum, name) => sum + Math.min(NAME_BYTES, byteLength(name)), 0);
}

function foldedNames(names: readonly FailedName[], maxBytes: number): string[] {
  const rest = names.slice(NAMES_IN_SENTENCE);
  if (rest.length === 0) return [];
  const listed: string[] = [];
  let left = maxBytes;
  for (const { label } of rest) {
    const line = nameLine(label);
    left -= byteLength(line) + 1;
    if (left < 0) break;
    listed.push(line);
  }
  const more = rest.length - listed.length;
  const lines = more > 0 ? [...listed, `… and ${more.toLocaleString('en-US')} more`] : listed;
  return [details(`The other ${counted(rest.length, 'job')}`, fence(lines))];
}

function excerpt(failure: ReportFailure | null, maxBytes: number): string[] {
  const shown = failure === null || maxBytes <= 0 ? null : shownExcerpt(failure, maxBytes);
  return shown === null ? [] : [details(shown.title, fence(shown.lines))];
}
