// Rule 1: the job ended because of another one. Pure.

import type { VerdictEvidence } from './evidence.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { named, sentenceOf } from './words.ts';

/** Cancelled because a sibling failed or a newer run took its place; or a job that only sums up what it needs. */
export const followsAnother: Rule = { name: 'follows_another', answer };

function answer({ failure, follows }: VerdictEvidence): RuleAnswer {
  if (follows === null) return no('nothing says that it ended because of another job or run');
  const { kind, job_name: jobName } = follows;
  const other = jobName === null ? null : named(jobName);
  if (kind === 'needs') {
    const itsOwn = failure.tests === null || failure.files === null ? 'what failed in it is not known' : null;
    const failed = (failure.tests?.length ?? 0) + (failure.files?.length ?? 0) > 0 || failure.tests_omitted !== 0;
    if (itsOwn !== null || failed)
      return no(
        itsOwn ?? `a job that it needs failed${other === null ? '' : ` (${other})`}, and it has a failure of its own`,
      );
    return collateral(`It only sums up jobs before it, of which ${other ?? 'one'} failed.`);
  }
  if (failure.conclusion !== 'cancelled') return no('it was not cancelled: it failed by itself');
  return collateral(
    kind === 'sibling'
      ? `It was cancelled because ${other ?? 'another job of the same matrix'} failed.`
      : 'It was cancelled because a newer run took its place.',
  );
}

function collateral(sentence: string): RuleAnswer {
  return { holds: true, verdict: 'collateral', sentence: sentenceOf(sentence) };
}
