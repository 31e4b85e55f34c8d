// What to do about a criterion that can't be judged, by the code of what is wrong: the reason beside it says where. Pure;
// describe-verdict.ts uses it.

import type { CriterionVerdict, FailCode } from './verdict.ts';

/** Of what is not to be trusted the reason says itself who has to look; what was measured and is too little has no recipe. */
const REMEDIES: Readonly<Partial<Record<FailCode, string>>> = {
  ARTIFACT_UNREADABLE:
    'have the tool write that report again and upload it whole, or name another artifact under evidence in the policy',
  ARTIFACTS_DISAGREE: 'let one job make the report, or upload reports that name lines: those can be joined',
  NOTHING_MEASURED: 'see what the tool is told to measure, and that its paths are those of the repository',
  EVIDENCE_MISSING: 'see that what makes it runs for this commit and is over well, then run it again',
  EVIDENCE_STALE: 'run all jobs of that workflow again, so that the report is made anew',
  NO_VERDICT: 'have it run, or name that outcome under accept in the policy',
};

/** In words of our own, without a full stop; null for a criterion that was judged, and where nobody knows one. */
export function remedyOf({ state, fail_codes }: Pick<CriterionVerdict, 'state' | 'fail_codes'>): string | null {
  if (state !== 'error' && state !== 'missing') return null;
  return fail_codes.map((code) => REMEDIES[code] ?? null).find((remedy) => remedy !== null) ?? null;
}
