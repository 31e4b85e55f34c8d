// What failed and is not the author's to mend, folded: each job with its verdict and the sentence that says why. Pure.

import type { FailureVerdict } from '../../model/failure.ts';
import type { PullRequestReport } from '../../model/pull-request.ts';
import { counted, details, link, plain, plainInCell } from '../../text/markdown.ts';
import { NAME_BYTES, oneLine } from '../../text/outside-text.ts';
import { commitLink } from './commit-link.ts';
import { logUrl } from './failure-sentence.ts';
import { type FailureEntry, pageOf, verdictOf } from './failures.ts';
import { type JobLabel, labelOf } from './job-names.ts';
import type { Standing } from './standing.ts';

const ROWS_SHOWN = 20;
const NAMES_SHOWN = 3;
const SENTENCE_BYTES = 300;
/** A commit as sentences name it, between words. */
const COMMIT = /(?<![^ (])([0-9a-f]{7})(?![^ ,.;:)])/;

/** As people say them. `new` and `unknown` are the author's. */
const WORDS: Readonly<Record<FailureVerdict, string>> = {
  new: 'new',
  flaky: 'flaky',
  broken_base: 'broken base',
  infra: 'infrastructure',
  collateral: 'follows',
  unknown: 'unknown',
};

/** The folded table, as one or no Markdown text. */
export function notYoursSection(
  { notYours: entries }: Pick<Standing, 'notYours'>,
  label: JobLabel,
  report: PullRequestReport,
): string[] {
  if (entries.length === 0) return [];
  const rows = entries.slice(0, ROWS_SHOWN).map((entry) => row(entry, label, report));
  const left = entries.length - rows.length;
  const table = ['| job | verdict | why |', '|---|---|---|', ...rows].join('\n');
  const more = left > 0 ? `\n\n${counted(left, 'more failure')}.` : '';
  return [details(`Not yours: ${entries.length.toLocaleString('en-US')}`, `${table}${more}\n`)];
}

/** The verdict of an entry that is the author's, as its sentence says it, as one or no paragraph. */
export function verdictLine(entry: FailureEntry, report: PullRequestReport): string[] {
  const verdict = verdictOf(entry);
  const sentence = sentenceOf(entry, report);
  if (verdict === null || sentence === '') return [];
  return [`**Verdict** ${sentence}`];
}

function row(entry: FailureEntry, label: JobLabel, report: PullRequestReport): string {
  const names = [...new Set(entry.failed.map((one) => labelOf(one, label)))];
  const shown = names.slice(0, NAMES_SHOWN).map((name) => {
    const page = entry.failed.find((one) => labelOf(one, label) === name);
    return link(plainInCell(name, NAME_BYTES), page === undefined ? null : placeOf(entry, page));
  });
  const left = names.length - shown.length;
  const jobs = [...shown, ...(left > 0 ? [counted(left, 'more')] : [])].join(', ');
  const verdict = WORDS[verdictOf(entry) ?? 'unknown'];
  return `| ${jobs} | ${verdict} | ${sentenceOf(entry, report)} |`;
}

/** The verdict's sentence; the commits in it are linked. */
function sentenceOf({ failure }: FailureEntry, report: PullRequestReport): string {
  const parts = oneLine(failure?.verdict_reason ?? '', SENTENCE_BYTES).split(COMMIT);
  return parts.map((part, index) => (index % 2 === 1 ? commitLink(report, part) : plainPart(part))).join('');
}

/** As prose, with the spaces at its ends, which part it from a commit. */
function plainPart(text: string): string {
  const inner = text.trim();
  return inner === '' ? text : text.replace(inner, () => plain(inner, SENTENCE_BYTES));
}

/** The line that proves it, of the one that is known to the line; the page of every other. */
function placeOf({ shown, failure }: FailureEntry, one: FailureEntry['shown']): string | null {
  if (one !== shown || failure?.line_number == null) return pageOf(one);
  return logUrl(one, { ...failure, line_number: failure.line_number });
}
