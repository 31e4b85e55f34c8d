// By what a failure is told from others: its failing tests by name, or a fingerprint that is specific. Pure.

import type { FailingTest, VerdictEvidence } from './evidence.ts';
import { THRESHOLDS } from './thresholds.ts';
import { counted } from './words.ts';

/** What may be compared with other runs; or, `not`, why nothing may. */
export type KnownBy =
  | { readonly by: 'tests'; readonly tests: readonly FailingTest[] }
  | { readonly by: 'fingerprint' }
  | { readonly by: null; readonly not: string };

/** Says by what the failure is known. Tests come first: a job in which tests fail is compared by all of them, never by one line. */
export function knownBy({ failure, ...evidence }: VerdictEvidence): KnownBy {
  const { tests, tests_omitted: omitted } = failure;
  if (tests === null || omitted === null) return { by: null, not: 'which tests failed is not known' };
  if (omitted > 0) return { by: null, not: `${counted(omitted, 'failing test')} could not be looked at` };
  if (tests.length > 0) return { by: 'tests', tests };
  const not = whyGeneric(failure.pattern?.rank ?? null, evidence.specific);
  return not === null ? { by: 'fingerprint' } : { by: null, not };
}

/** Why the line says too little to be compared; null when it is specific. A generic line never exonerates. */
export function whyGeneric(rank: string | null, specific: VerdictEvidence['specific']): string | null {
  if (specific === null) return 'how telling its line is, is not known';
  const { is_specific: isSpecific, job_keys: jobKeys, words } = specific;
  if (rank === 'generic' || rank === 'consequence') return `its line is generic (a pattern of rank ${rank} knows it)`;
  if (jobKeys > THRESHOLDS.specificJobKeys)
    return `its line is generic (it stands in ${jobKeys} jobs for different causes)`;
  if (words < THRESHOLDS.specificWords)
    return `its line is generic (${counted(words, 'word')} that ${words === 1 ? 'is' : 'are'} no mask)`;
  return isSpecific ? null : 'its line is generic';
}
