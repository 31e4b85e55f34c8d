// A failure beyond what an installation may keep of excerpts: told, but without its lines. Pure; diagnose.ts uses it.
import type { DiagnosedFailure } from './classify.ts';
import type { DiagnosisSubject } from './subject.ts';

/** The ids of our own that say what failed. */
export function idsOf({ ci_job, ci_event, deployment }: DiagnosisSubject) {
  return {
    ci_job_id: ci_job?.id ?? null,
    ci_event_id: ci_event?.id ?? null,
    deployment_id: deployment?.id ?? null,
  };
}

/** The judgement with the reason in place of its lines, so that whoever reads the comment sees it. */
export function withoutLines(failure: DiagnosedFailure, { allowed }: { readonly allowed: number }) {
  const details = `its lines are not kept: the quota of ${allowed.toLocaleString('en')} excerpts is used up`;
  const lines = { excerpt: null, excerpt_first_line: null, excerpt_last_line: null };
  return { ...failure, ...lines, message: `${failure.message} (${details})`, details };
}
