// Rule 3: there is nothing to judge by. Pure.

import { oneLine } from '../text/outside-text.ts';
import type { VerdictEvidence } from './evidence.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { sentenceOf } from './words.ts';

const WHY_BYTES = 90;

const NO_LOG = {
  none: 'its log was not read',
  missing: 'GitHub has no log of it',
  expired: "its log is past GitHub's retention",
} as const;

/** No failure that can be seen, no log, or nothing to compare with: what is missing is said. */
export const noEvidence: Rule = { name: 'no_evidence', answer };

function answer(evidence: VerdictEvidence): RuleAnswer {
  const why = whyNothing(evidence);
  if (why === null) return no('there is a log, and a result of the base or a history');
  return { holds: true, verdict: 'unknown', sentence: sentenceOf(`Not known: ${why}.`, whatIsMissing(evidence)) };
}

function whyNothing(evidence: VerdictEvidence): string | null {
  const { failure } = evidence;
  const notFailed = whyNotFailed(failure);
  if (notFailed !== null) return notFailed;
  if (failure.log !== 'fetched') return NO_LOG[failure.log];
  return hasHistory(evidence) ? null : 'there is neither a result of the base nor a history of this job';
}

function whyNotFailed({ conclusion, tests, pattern }: VerdictEvidence['failure']): string | null {
  if (conclusion === null) return 'GitHub has not said how the job ended';
  if (conclusion === 'failure' || conclusion === 'timed_out') return null;
  if (conclusion === 'startup_failure') return 'GitHub could not start it: the workflow file may be wrong';
  // GitHub concludes a job that ran into its time limit as cancelled; what it found by then is a failure.
  if (conclusion === 'cancelled')
    return (tests ?? []).length > 0 || pattern?.rank === 'cause' ? null : 'it was cancelled, and nothing says why';
  return `it ended as ${oneLine(conclusion, 40)}`;
}

function hasHistory({ base, around, own_attempts, earlier_pass, base_flakes }: VerdictEvidence): boolean {
  const ran = (conclusion: string | null | undefined) => conclusion != null && conclusion !== 'none';
  return (
    ran(base?.result?.conclusion) ||
    around.some(({ conclusion }) => ran(conclusion)) ||
    own_attempts.some(({ conclusion }) => conclusion !== null) ||
    earlier_pass !== null ||
    (base_flakes ?? 0) > 0
  );
}

type Missable = VerdictEvidence['missing'][number]['what'];

const MISSING_WORDS: Readonly<Record<Missable, string>> = {
  log: 'the log',
  base: 'the base',
  around: 'the runs of the base branch',
  own_attempts: 'the other attempts',
  elsewhere: 'other pull requests',
  changed_files: 'the changed files',
  annotations: 'the annotations',
  tests: 'the tests',
  steps: 'the steps',
  fingerprint: 'the fingerprint',
};

/** What could not be had, and why; null when nothing is missing. The same whatever the order. */
export function whatIsMissing({ missing }: Pick<VerdictEvidence, 'missing'>): string | null {
  if (missing.length === 0) return null;
  const whys = missing.map(({ what, why }) => `${MISSING_WORDS[what]} (${oneLine(why, WHY_BYTES)})`).toSorted();
  return `Missing: ${whys.slice(0, 2).join(', ')}${whys.length > 2 ? ` and ${whys.length - 2} more` : ''}.`;
}
