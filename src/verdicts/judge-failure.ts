// Whose failure is it: the rules in their order over the evidence of one failure. Pure.

import type { FailureVerdict } from '../model/failure.ts';
import { brokenBase } from './broken-base.ts';
import type { VerdictEvidence } from './evidence.ts';
import { flaky } from './flaky.ts';
import { followsAnother } from './follows-another.ts';
import { noEvidence } from './no-evidence.ts';
import { notKnown, passedBefore } from './passed-before.ts';
import { RULE_NAMES, type Rule, type RuleName } from './rule.ts';
import { seenElsewhere } from './seen-elsewhere.ts';
import { toldByGitHub } from './told-by-github.ts';
import { veto } from './veto.ts';

export { RULE_NAMES, type RuleName };

const RULES: readonly Rule[] = [
  followsAnother,
  toldByGitHub,
  noEvidence,
  veto,
  flaky,
  brokenBase,
  seenElsewhere,
  passedBefore,
  notKnown,
];

/** Verdicts that say that the author need not act. */
export const EXONERATING: ReadonlySet<FailureVerdict> = new Set(['flaky', 'broken_base', 'infra', 'collateral']);

/** A verdict, the rule that held, and why in one sentence of less than 300 characters, on one line, without secrets, that may hold names from outside: Markdown has to be escaped. */
export interface Judged {
  readonly verdict: FailureVerdict;
  readonly rule: RuleName;
  readonly sentence: string;
}

/** A rule that was tried, and what it said. `vetoed`: it keeps the rules after it that exonerate from holding; `kept_out`: one of these. */
export interface TriedRule {
  readonly rule: RuleName;
  readonly outcome: 'held' | 'not_held' | 'vetoed' | 'kept_out';
  readonly words: string;
}

/** Judges one failure. The same evidence always gives the same verdict, whatever the order of lists, but for `around`. */
export function judgeFailure(evidence: VerdictEvidence): Judged {
  return tryRules(evidence).judged;
}

/** The rules that were tried until one held, which is the last, each with what it says. */
export function explainFailure(evidence: VerdictEvidence): TriedRule[] {
  return tryRules(evidence).tried;
}

function tryRules(evidence: VerdictEvidence): { judged: Judged; tried: TriedRule[] } {
  const tried: TriedRule[] = [];
  let vetoed = false;
  for (const { name: rule, exonerates, answer } of RULES) {
    if (vetoed && exonerates === true) {
      tried.push({ rule, outcome: 'kept_out', words: 'not asked: the change may have to do with it' });
      continue;
    }
    const said = answer(evidence);
    if (said.holds) {
      const { verdict, sentence } = said;
      tried.push({ rule, outcome: 'held', words: sentence });
      return { judged: { verdict, rule, sentence }, tried };
    }
    vetoed ||= said.vetoes === true;
    tried.push({ rule, outcome: said.vetoes === true ? 'vetoed' : 'not_held', words: said.why });
  }
  throw new Error('the last rule of verdicts has to hold');
}
