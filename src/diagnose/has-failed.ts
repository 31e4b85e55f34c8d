// Whether a job as GitHub lists it has failed. Pure.

interface ListedJob {
  readonly workflow_job: {
    readonly conclusion: string | null;
    readonly steps?: readonly { readonly conclusion: string | null }[];
  };
}

/** Whether the job failed; a cancelled one counts as failed when one of its steps failed. */
export function hasFailed({ workflow_job: { conclusion, steps = [] } }: ListedJob): boolean {
  if (conclusion === 'cancelled') return steps.some((step) => isFailure(step.conclusion));
  return isFailure(conclusion);
}

function isFailure(conclusion: string | null): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out';
}
