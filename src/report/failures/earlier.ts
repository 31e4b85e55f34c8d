// Says what was wrong on earlier commits or attempts of a pull request, and what fixed it. Pure.

import type { EarlierFailure, PullRequestReport } from '../../model/pull-request.ts';
import { codeSpan, nameCode, patternProse } from '../../text/markdown.ts';
import { commitLink } from './commit-link.ts';
import { compareNames } from './failures.ts';
import { inWords } from './job-names.ts';

const NAMES_IN_SENTENCE = 4;
const WORDS_BYTES = 200;

/**
 * One clause for each cause with one remedy, as Markdown without a full stop; jobs that failed alike share it. At most
 * `limit` clauses and one more that counts the rest. The order of the input does not matter.
 */
export function earlierClauses(report: PullRequestReport, limit: number): string[] {
  const groups = Map.groupBy(report.earlier_failures, groupKey);
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const clauses = sorted.slice(0, limit).flatMap(([, same]) => clause(same, report));
  const more = sorted.length - limit;
  return more > 0 ? [...clauses, `${more.toLocaleString('en-US')} more earlier failures`] : clauses;
}

function groupKey(failure: EarlierFailure): string {
  const { pattern_name, message, fixed_by, commit_sha } = failure;
  return JSON.stringify([
    pattern_name,
    pattern_name === null ? message : null,
    fixed_by,
    byRerun(failure) && commit_sha,
  ]);
}

function clause(same: readonly EarlierFailure[], report: PullRequestReport): string[] {
  const [first] = same;
  if (first === undefined) return [];
  const names = [...new Set(same.map((failure) => failure.job_name))].toSorted(compareNames);
  const shown = names.slice(0, NAMES_IN_SENTENCE).map(nameCode);
  const more = names.length - shown.length;
  const jobs = inWords(more > 0 ? [...shown, `${more.toLocaleString('en-US')} more`] : shown);
  const cause =
    first.pattern_name === null ? codeSpan(first.message, WORDS_BYTES) : patternProse(first.pattern_name, WORDS_BYTES);
  return [`${jobs} had failed ${where(same, report)}: ${cause}; ${remedy(first, report)}`];
}

function where(same: readonly EarlierFailure[], report: PullRequestReport): string {
  const [first] = same;
  const commits = new Set(same.map((failure) => failure.commit_sha));
  if (first === undefined || commits.size > 1) return `on ${commits.size.toLocaleString('en-US')} commits`;
  if (!byRerun(first)) return `on ${commitLink(report, first.commit_sha)}`;
  const attempts = [...new Set(same.map((failure) => failure.run_attempt))].toSorted((a, b) => a - b);
  return `on ${attempts.length > 1 ? 'attempts' : 'attempt'} ${inWords(attempts.map(String))}`;
}

function remedy({ fixed_by, ...failure }: EarlierFailure, report: PullRequestReport): string {
  if (fixed_by === null) return 'not passed since';
  if (byRerun({ ...failure, fixed_by })) {
    return `passed on attempt ${fixed_by.run_attempt} of the same commit, nothing changed but the attempt`;
  }
  if (fixed_by.commit_sha === report.pull_request.head_sha) return 'fixed by this commit';
  return `fixed by ${commitLink(report, fixed_by.commit_sha)}`;
}

function byRerun({ fixed_by, commit_sha }: EarlierFailure): boolean {
  return fixed_by !== null && fixed_by.commit_sha === commit_sha;
}
