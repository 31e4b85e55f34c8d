// Rules 8 and 9: it is new with this change; or nobody knows. Pure.

import { aroundOf, failsSame } from './broken-base.ts';
import type { VerdictEvidence } from './evidence.ts';
import { knownUnsteady, passedAttempt } from './flaky.ts';
import { whatIsMissing } from './no-evidence.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { whyVetoed } from './veto.ts';
import { baseBranch, counted, sentenceOf, shortSha } from './words.ts';

/** The same job passed where the change was not in yet, or passes now and then with it. */
export const passedBefore: Rule = { name: 'passed_before', answer: answerNew };

function answerNew(evidence: VerdictEvidence): RuleAnswer {
  const first = howItIsNew(evidence);
  if (first === null) return no('this job is not known to have passed on the base or on an earlier commit');
  return {
    holds: true,
    verdict: 'new',
    sentence: sentenceOf(first, touched(evidence), knownUnsteady(evidence), ahead(evidence)),
  };
}

function howItIsNew(evidence: VerdictEvidence): string | null {
  const { failure, base, earlier_pass: earlier } = evidence;
  const passed = passedAttempt(evidence);
  if (passed !== null)
    return `Unstable since this change: failed in attempt ${failure.attempt} and passed in attempt ${passed} on ${shortSha(failure.head_sha)}, and is not known to do so on ${baseBranch(evidence)}.`;
  if (base?.result?.conclusion === 'success')
    return `New with this change: this job passed on ${baseBranch(evidence)} at ${shortSha(base.sha)} and fails here.`;
  if (earlier === null) return null;
  return earlier.where === 'pull_request'
    ? `New with this change: this job passed on its earlier commit ${shortSha(earlier.sha)} and fails here.`
    : `New with this change: this job passed on ${baseBranch(evidence)} at ${shortSha(earlier.sha)} and fails here.`;
}

/** Which of the changed files the failure names. */
function touched(evidence: VerdictEvidence): string | null {
  if (evidence.changed.touched === null || evidence.changed.touched.length === 0) return null;
  return capitalised(whyVetoed(evidence));
}

/** When the base passed and the branch has broken since: the reader may have to wait, and is told. */
function ahead(evidence: VerdictEvidence): string | null {
  const { base } = evidence;
  if (base?.result?.conclusion !== 'success') return null;
  const since = aroundOf(evidence, base.sha).after.filter(failsSame).length;
  return since === 0 ? null : `${counted(since, 'later run')} of ${baseBranch(evidence)} failed in the same way.`;
}

/** Nothing that is known decides: what is missing is said. */
export const notKnown: Rule = { name: 'not_known', answer: answerUnknown };

function answerUnknown(evidence: VerdictEvidence): RuleAnswer {
  const { base } = evidence;
  const failedOnBase = base?.result?.conclusion === 'failure';
  const first = failedOnBase
    ? `Not known: this job fails on ${baseBranch(evidence)} at ${shortSha(base.sha)} too, but is not known to fail in the same way.`
    : 'Not known: this job is not known to have passed before, nor to fail without this change.';
  const vetoed = whyVetoed(evidence);
  return {
    holds: true,
    verdict: 'unknown',
    sentence: sentenceOf(first, capitalised(vetoed), whatIsMissing(evidence), knownUnsteady(evidence)),
  };
}

function capitalised(words: string | null): string | null {
  return words === null ? null : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
