// Renders one entry of failures: what failed where, root cause, fix, and the lines that prove it. Pure; body.ts may
// import it.

import type { PullRequestReport, ReportFailure } from '../../model/pull-request.ts';
import { codeSpan, counted, details, fence, linkIfAny, patternProse } from '../../text/markdown.ts';
import { byteLength, NAME_BYTES, nameLine, oneLine } from '../../text/outside-text.ts';
import { shownExcerpt } from './excerpt.ts';
import { failureSentence, NAMES_IN_SENTENCE, stepNames } from './failure-sentence.ts';
import type { FailureEntry } from './failures.ts';
import { type FailedName, failedNames, type JobLabel } from './job-names.ts';
import { quoteOf } from './pattern-words.ts';

const OUTSIDE_BYTES = 4096;
const FOLDED_NAMES_BYTES = 1000;
const MESSAGE_BYTES = 500;
const ADVICE_BYTES = 1000;

/** What an entry's text depends on besides the entry. */
export interface FailureContext {
  readonly report: PullRequestReport;
  readonly label: JobLabel;
  /** What parts two lines: one newline where GitHub keeps it (comments), a blank line elsewhere. */
  readonly lineBreak: '\n' | '\n\n';
  /** The entry told just before; its advice is not repeated. Null for the first. */
  readonly previous: FailureEntry | null;
}

/** One entry as Markdown with at most 4 KB of text from outside; `brief` leaves out the excerpt. */
export function renderFailure(entry: FailureEntry, form: 'full' | 'brief', context: FailureContext): string {
  const names = failedNames(entry.failed, context.label, entry.failed.length > 1);
  const message = messageLine(entry);
  const sentence = failureSentence(entry, names, context.report);
  const room = OUTSIDE_BYTES - namesBytes(entry, names) - byteLength(message.join(''));
  const folded = foldedNames(names, Math.min(FOLDED_NAMES_BYTES, room));
  const hasLines = quoteOf(entry.shown, entry.failure, false)?.has_lines ?? true;
  const proof = form === 'full' && hasLines ? excerpt(entry.failure, room - byteLength(folded.join(''))) : [];
  return [sentence, ...message, ...advice(entry, context.previous), ...folded, ...proof].join(context.lineBreak);
}

function messageLine({ knowledge, failure, shown, failed }: FailureEntry): string[] {
  const quote = quoteOf(shown, failure, failed.length > 1);
  if (quote !== null) return quote.markdown === null ? [] : [quote.markdown];
  const proven = knowledge === 'known' && (failure?.excerpt ?? '').trim() !== '';
  if (failure === null || proven || oneLine(failure.message, MESSAGE_BYTES) === '') return [];
  return [codeSpan(failure.message, MESSAGE_BYTES)];
}

function advice({ failure }: FailureEntry, previous: FailureEntry | null): string[] {
  const pattern = failure?.pattern;
  if (!pattern) return [];
  const stored = previous?.failure?.pattern;
  if (stored?.root_cause === pattern.root_cause && stored.recommended_fix === pattern.recommended_fix) {
    return ['**Root cause** and **Fix** as above'];
  }
  const fix = `**Fix** ${patternProse(pattern.recommended_fix, ADVICE_BYTES)}`;
  const cause = `**Root cause** ${patternProse(pattern.root_cause, ADVICE_BYTES)}`;
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
