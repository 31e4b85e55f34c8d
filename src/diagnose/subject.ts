// What a diagnose job is about, as `read_diagnosis_subject` answers. Pure.

import { z } from 'zod';

/** What stands in `ci_jobs.steps`; rows of before steps had times have none. */
const step = z.object({
  name: z.string(),
  number: z.number(),
  conclusion: z.string().nullable(),
  started_at: z
    .string()
    .nullish()
    .transform((time) => time ?? null),
  completed_at: z
    .string()
    .nullish()
    .transform((time) => time ?? null),
});

const failedJob = z.object({
  id: z.string(),
  job_id: z.number(),
  name: z.string(),
  status: z.string(),
  has_failed_step: z.boolean(),
  steps: z.array(step),
});

const failedEvent = z.object({
  id: z.string(),
  provider: z.string(),
  run_id: z.string(),
  run_attempt: z.number(),
  workflow_name: z.string(),
  workflow_path: z.string().nullable(),
  status: z.string(),
  conclusion: z.string().nullable(),
  summary: z.string().nullable(),
  /** How many of its jobs are known. */
  jobs: z.number(),
  has_failed_job: z.boolean(),
});

const diagnosisSubject = z.object({
  project_id: z.string(),
  installation_id: z.number().nullable(),
  repository_id: z.number(),
  owner: z.string(),
  name: z.string(),
  ci_job: failedJob.nullable(),
  ci_event: failedEvent.nullable(),
  deployment: z
    .object({ id: z.string(), environment_name: z.string(), status: z.string(), description: z.string().nullable() })
    .nullable(),
});

/** A failed or cancelled job of GitHub Actions. */
export type FailedJob = z.infer<typeof failedJob>;
/** A failed run, check or status. */
export type FailedEvent = z.infer<typeof failedEvent>;
/** What is to be diagnosed, and the repository it is in: one of job, CI event and deployment is given, the others are null. */
export type DiagnosisSubject = z.infer<typeof diagnosisSubject>;

/** Reads what the brain's `read_diagnosis_subject` returned; null when the subject is gone. Throws ZodError for another shape. */
export function parseDiagnosisSubject(answer: unknown): DiagnosisSubject | null {
  return diagnosisSubject.nullable().parse(answer);
}
