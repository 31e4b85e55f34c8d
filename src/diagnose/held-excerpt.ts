// A failure after an installation's quota of excerpts is used up: it is stored without its lines. Pure.
import type { DiagnosedFailure } from './classify.ts';
import type { DiagnosisSubject } from './subject.ts';

/** The brain's ids of what failed: job, run or deployment; null for the others. */
export function idsOf({ ci_job, ci_event, deployment }: DiagnosisSubject) {
  return {
    ci_job_id: ci_job?.id ?? null,
    ci_event_id: ci_event?.id ?? null,
    deployment_id: deployment?.id ?? null,
  };
}

/** The failure without its lines. The reason stands instead, so that readers of the comment see it. `allowed` is the quota. */
export function withoutLines(failure: DiagnosedFailure, { allowed }: { readonly allowed: number }) {
  const details = `its lines are not kept: the quota of ${allowed.toLocaleString('en')} excerpts is used up`;
  const lines = { excerpt: null, excerpt_first_line: null, excerpt_last_line: null };
  const matches = failure.matches.map((match) => ({ ...match, other_lines: [] }));
  return { ...failure, ...lines, matches, message: `${failure.message} (${details})`, details };
}
