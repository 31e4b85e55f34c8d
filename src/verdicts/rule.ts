// What a rule of verdicts is. Pure.

import type { FailureVerdict } from '../model/failure.ts';
import type { VerdictEvidence } from './evidence.ts';

/** The rules, in the order in which they are tried: the first that holds decides. */
export const RULE_NAMES = [
  'follows_another',
  'told_by_github',
  'no_evidence',
  'change_touches_it',
  'flaky_here_and_on_base',
  'base_is_broken',
  'seen_elsewhere',
  'passed_before',
  'not_known',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** What a rule says: it decides; or why it does not; or, `vetoes`, why none of the next three may. */
export type RuleAnswer =
  | { readonly holds: true; readonly verdict: FailureVerdict; readonly sentence: string }
  | { readonly holds: false; readonly why: string; readonly vetoes?: true };

export interface Rule {
  readonly name: RuleName;
  /** Whether the next three rules exonerate: they are not asked after a veto. */
  readonly exonerates?: true;
  readonly answer: (evidence: VerdictEvidence) => RuleAnswer;
}

/** The rule does not decide, and why. */
export function no(why: string): RuleAnswer {
  return { holds: false, why };
}
